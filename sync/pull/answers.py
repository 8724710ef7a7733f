"""Poll and survey answers: two calls an attendee, so only where a session had polls, and once.

Late surveys come in for some time: whoever was asked before a session had settled is asked once
more after it has (48 hours, docs/gotowebinar.md).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from contacts.models import Activity
from platforms.gotowebinar import NotFound
from sync import lease
from sync.pull import apply, snapshot
from sync.pull.apply import Written
from sync.pull.attendance_plan import LocalSession, plan_answers
from sync.pull.changes import NewActivity
from webinars.models import Attendance
from webinars.models.webinar import SETTLING

if TYPE_CHECKING:
    from sync.pull.webinar_sync import Level

_CHUNK = 50
_Place = tuple[int, int, int, str]


def read_answers(level: Level) -> None:
    """Read the answers of attendees who were not asked yet; each portion is written at once."""
    sessions = {item.id: item for item in snapshot.read_sessions(level.webinar).values()}
    done = last = 0
    while places := _due(level, after=last):
        last = places[-1][0]
        with ThreadPoolExecutor(max(1, settings.GOTO_PARALLEL_CALLS)) as pool:
            lines = list(pool.map(lambda place: _ask(level, sessions[place[2]], place), places))
        with transaction.atomic():
            lease.hold(level.run)
            _write(level, [line for some in lines for line in some])
            Attendance.objects.filter(pk__in=[place[0] for place in places]).update(
                answers_read_at=timezone.now()
            )
        done += len(places)
        level.tell("answers", done)


def _due(level: Level, *, after: int) -> list[_Place]:
    """Return (attendance, contact, session, registrant key) of the next to ask, oldest first."""
    now = timezone.now()
    never = Q(answers_read_at__isnull=True)
    too_early = Q(
        answers_read_at__lt=F("session__ended_at") + SETTLING, session__ended_at__lt=now - SETTLING
    )
    rows = Attendance.objects.filter(
        never | too_early,
        pk__gt=after,
        session__webinar=level.webinar,
        session__poll_count__gt=0,
        session__ended_at__lt=now,
    ).order_by("pk")
    return list(
        rows.values_list(
            "pk", "registration__contact_id", "session_id", "registration__registrant_key"
        )[:_CHUNK]
    )


def _ask(level: Level, session: LocalSession, place: _Place) -> list[NewActivity]:
    _, contact_id, _, registrant_key = place
    webinar, client = level.webinar.key, level.client
    lines: list[NewActivity] = []
    for kind, ask in (
        (Activity.Kind.POLL, client.poll_answers),
        (Activity.Kind.SURVEY, client.survey_answers),
    ):
        try:
            answers = ask(webinar, session.key, registrant_key)
        except NotFound:
            continue
        lines += plan_answers(kind, answers, contact_id, session)
    return lines


def _write(level: Level, lines: list[NewActivity]) -> None:
    known: set[tuple[int, str]] = set()
    for kind in (Activity.Kind.POLL, Activity.Kind.SURVEY):
        contacts = [line.contact for line in lines if isinstance(line.contact, int)]
        known |= set(snapshot.read_lines(contacts, f"{kind}:"))
    fresh = sum((line.contact, line.key) not in known for line in lines)
    apply.write_lines(level.webinar, lines)
    level.written.add(Written(activities=fresh))
