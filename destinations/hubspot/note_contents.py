"""The content of notes: attendance of a date, questions, and answers."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contacts.models import Activity
from destinations.hubspot.event_dates import runs_at_any_time
from destinations.hubspot.note_text import NoteFacts
from destinations.models import MarketingEvent
from webinars.models import Attendance, Session, Webinar

ASKED = (Activity.Kind.QUESTION, Activity.Kind.POLL, Activity.Kind.SURVEY)


@dataclass(slots=True)
class _Person:
    """The attendance, questions and answers of one person."""

    stays: tuple[tuple[dt.datetime, dt.datetime], ...] = ()
    seconds: int = 0
    lines: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    # The sessions in which they were there, asked or answered.
    sessions: set[str] = field(default_factory=set)


def contents(
    webinar: Webinar,
    event: MarketingEvent,
    sessions: Sequence[Session],
    people: Sequence[int],
    marker: str,
) -> dict[int, tuple[NoteFacts, dt.datetime]]:
    """Return the content of the note about each contact, with its date, by contact; people without
    attendance, questions and answers are left out. `sessions` are those of the event's date."""
    by_key = {session.key: session for session in sessions}
    found: dict[int, tuple[NoteFacts, dt.datetime]] = {}
    for contact, person in _people(webinar.key, by_key, people).items():
        if not (person.seconds or person.lines):
            continue
        # Where people watch at any time, it is about those sessions alone that they were in.
        mine = [by_key[key] for key in person.sessions] if runs_at_any_time(webinar) else sessions
        begun = min(session.started_at for session in mine)
        facts = NoteFacts(
            subject=webinar.subject,
            starts_at=event.starts_at or begun,
            zone=webinar.zone,
            zone_name=webinar.zone_name_at(begun),
            marker=marker,
            seconds=person.seconds,
            stays=person.stays,
            lines=tuple(person.lines),
        )
        found[contact] = facts, max(session.ended_at for session in mine)
    return found


def _people(
    webinar_key: str, sessions: Mapping[str, Session], people: Sequence[int]
) -> dict[int, _Person]:
    """Return the facts about each; without `stays` if the platform reported no times."""
    found: dict[int, _Person] = {}
    attendances = Attendance.objects.filter(
        session__in=sessions.values(), registration__contact__in=people
    )
    for contact, key, intervals, seconds, estimated in attendances.order_by(
        "session__started_at"
    ).values_list("registration__contact", "session__key", "intervals", "seconds", "estimated"):
        person = found.setdefault(contact, _Person())
        if not estimated:
            person.stays += tuple((_time(joined), _time(left)) for joined, left in intervals)
        person.seconds += seconds
        person.sessions.add(key)
    activities = Activity.objects.filter(
        contact__in=people,
        webinar_key=webinar_key,
        kind__in=ASKED,
        data__session__in=list(sessions),
    )
    for contact, kind, data in activities.order_by("happened_at", "pk").values_list(
        "contact", "kind", "data"
    ):
        person = found.setdefault(contact, _Person())
        person.lines.append((kind, data))
        person.sessions.add(data["session"])
    return found


def _time(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
