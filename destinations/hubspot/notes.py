"""Write one note a contact and date: questions, answers, and times of attendance.

It is written once, when attendance is final and late surveys have been read. After an unknown
outcome, the contact's notes are read before it is written again.
"""

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone, translation

from contacts.models import Activity
from core.conditions import has_passed
from destinations.hubspot import reasons
from destinations.hubspot.client import AT_ONCE, Client
from destinations.hubspot.contacts import look_up_missing
from destinations.hubspot.errors import Refusal
from destinations.hubspot.event_dates import final_at, held_on, runs_at_any_time
from destinations.hubspot.note_contents import ASKED, contents
from destinations.hubspot.note_text import NoteFacts, is_marked, marker_of, note_body
from destinations.hubspot.notes_client import (
    NewNote,
    create_notes,
    existing_contacts,
    notes_of,
)
from destinations.models import (
    HubSpotContact,
    MarketingEvent,
    Note,
    Participation,
    WebinarHandover,
)
from destinations.models.participation import NO_REASON
from webinars.models import Attendance, Session
from webinars.models.webinar import SETTLING

State = Note.State
Kind = Activity.Kind
Renew = Callable[[], bool]

# Answers are read for the last time within a day after a session has settled.
NOTE_DELAY = SETTLING + dt.timedelta(days=1)
# What was just written may not be readable yet.
_READABLE_AFTER = dt.timedelta(seconds=10)


def due_at(sessions: Sequence[Session]) -> dt.datetime | None:
    """Return when the notes about a date are due; None if it has not taken place."""
    final = final_at(sessions)
    if final is None:
        return None
    return max(final, max(session.ended_at for session in sessions) + NOTE_DELAY)


def _is_wanted(handover: WebinarHandover, due: dt.datetime | None) -> bool:
    """Return whether notes were switched on before they were due, or before the webinar was."""
    since = handover.portal.send_notes_since
    if not handover.portal.send_notes or since is None or due is None:
        return False
    return due >= since or (handover.enabled_at is not None and handover.enabled_at >= since)


def _with_something(contact: str, sessions: Collection[Session]) -> Q:
    """Return the condition that a person attended one of `sessions`, or asked or answered there;
    `contact` is the field with the contact's key."""
    attended = Attendance.objects.filter(
        registration__contact=OuterRef(contact), session__in=[session.pk for session in sessions]
    )
    keys = {session.webinar.key for session in sessions}
    asked = Activity.objects.filter(
        contact=OuterRef(contact),
        webinar_key__in=keys,
        kind__in=ASKED,
        data__session__in=[session.key for session in sessions],
    )
    return Q(Exists(attended)) | Q(Exists(asked))


def plan_notes(handover: WebinarHandover, now: dt.datetime) -> None:
    """Write rows for the notes that are due, in a transaction with the row of `handover` locked."""
    events = list(handover.events.all())
    for event, held in _due_events(handover, events, now):
        sessions = _wanted(handover, held)
        if not sessions:
            continue
        has_one = Note.objects.filter(event=event, contact=OuterRef("contact"))
        rows = Participation.objects.filter(
            ~Exists(has_one), _with_something("contact", sessions), event=event
        )
        contacts = rows.order_by("contact").values_list("contact", flat=True).distinct()
        Note.objects.bulk_create(
            [Note(event=event, contact_id=pk) for pk in contacts],
            ignore_conflicts=True,
            batch_size=500,
        )
    _follow_contacts(handover)


def _due_events(
    handover: WebinarHandover, events: Sequence[MarketingEvent], now: dt.datetime
) -> list[tuple[MarketingEvent, list[Session]]]:
    """Return the events of which notes are due, each with the sessions that they are due of: where
    people watch at any time, those that were long enough ago, whoever has watched since."""
    held = held_on(handover.webinar, events)
    found = []
    for event in events:
        sessions = held.get(event.number, [])
        if runs_at_any_time(handover.webinar):
            sessions = [each for each in sessions if _is_due([each], now)]
        elif not _is_due(sessions, now):
            continue
        if sessions and not event.cancelled:
            found.append((event, sessions))
    return found


def _is_due(sessions: Sequence[Session], now: dt.datetime) -> bool:
    due = due_at(sessions)
    return due is not None and due <= now


def _wanted(handover: WebinarHandover, sessions: list[Session]) -> list[Session]:
    """Return those of the sessions whose notes are due that are to have some."""
    if runs_at_any_time(handover.webinar):
        return [each for each in sessions if _is_wanted(handover, due_at([each]))]
    return sessions if _is_wanted(handover, due_at(sessions)) else []


def _follow_contacts(handover: WebinarHandover) -> None:
    """Leave out notes of contacts that HubSpot does not have, and restore them once it has."""
    barred = HubSpotContact.objects.filter(portal=handover.portal).exclude(
        state=HubSpotContact.State.LINKED
    )
    rows = Note.objects.of(handover)
    waiting = rows.pending()
    for row in barred.filter(contact__in=waiting.values("contact")):
        waiting.filter(contact=row.contact_id).update(
            state=State.LEFT_OUT,
            reason_code=row.reason_code,
            reason_params=row.reason_params,
            hubspot_message=row.hubspot_message,
        )
    linked = HubSpotContact.objects.linked().filter(portal=handover.portal)
    rows.filter(state=State.LEFT_OUT, contact__in=linked.values("contact")).exclude(
        reason_code=reasons.SAME_CONTACT
    ).update(**NO_REASON, state=State.PENDING)


def count_due(handover: WebinarHandover, contact_ids: Collection[int], now: dt.datetime) -> int:
    """Return how many notes would be written to these contacts if the webinar were switched on
    now."""
    if not handover.portal.send_notes:
        return 0
    found = 0
    for _event, sessions in _due_events(handover, list(handover.events.all()), now):
        rows = handover.webinar.registrations.filter(_with_something("contact", sessions))
        people = set(rows.values_list("contact", flat=True))
        found += len(people.intersection(contact_ids))
    return found


# -- writing ---------------------------------------------------------------------------------------


def to_write(handover: WebinarHandover, now: dt.datetime) -> QuerySet[Note]:
    """Return the notes that can be written now."""
    linked = HubSpotContact.objects.linked().filter(portal=handover.portal)
    rows = Note.objects.of(handover).pending().filter(contact__in=linked.values("contact"))
    return rows.filter(has_passed("tried_at", now - _READABLE_AFTER))


def write_notes(client: Client, handover: WebinarHandover, renew: Renew) -> int:
    """Write the notes that are due, and return how many HubSpot has accepted. Raises
    HubSpotError."""
    count = 0
    sessions = held_on(handover.webinar, list(handover.events.all()))
    while True:
        rows = _next_rows(handover)
        if not rows or not renew():
            return count
        count += _write(client, handover, rows, sessions.get(rows[0].event.number, []))


def _next_rows(handover: WebinarHandover) -> list[Note]:
    """Return at most 100 notes of one event, each with the id of its contact in HubSpot."""
    waiting = to_write(handover, timezone.now()).select_related("event")
    first = waiting.order_by("event", "pk").first()
    if first is None:
        return []
    rows = list(waiting.filter(event=first.event_id).order_by("pk")[:AT_ONCE])
    linked = HubSpotContact.objects.linked().filter(
        portal=handover.portal, contact__in=[row.contact_id for row in rows]
    )
    ids = dict(linked.values_list("contact", "hubspot_id"))
    others = Note.objects.filter(event=first.event_id, hubspot_id__in=ids.values())
    taken = dict(others.order_by("-pk").values_list("hubspot_id", "contact"))
    found: list[Note] = []
    for row in rows:
        row.hubspot_id = ids.get(row.contact_id, "")
        if taken.setdefault(row.hubspot_id, row.contact_id) != row.contact_id:
            # Two contacts here are one there, which has the note about the first one.
            _leave_out_twin(row)
        elif row.hubspot_id:
            found.append(row)
    return found or (_next_rows(handover) if rows else [])


def _leave_out_twin(row: Note) -> None:
    Note.objects.pending().filter(pk=row.pk).update(
        state=State.LEFT_OUT, reason_code=reasons.SAME_CONTACT, reason_params={}
    )


def _write(
    client: Client, handover: WebinarHandover, rows: Sequence[Note], sessions: Sequence[Session]
) -> int:
    event = rows[0].event
    marker = marker_of(event.external_event_id)
    count = _read_back(client, [row for row in rows if row.tried_at], marker)
    rows = [row for row in rows if row.state == State.PENDING]
    facts = contents(handover.webinar, event, sessions, [row.contact_id for row in rows], marker)
    notes = _new_notes(rows, facts)
    if not notes:
        return count
    now = timezone.now()
    for row in rows:
        # From now on HubSpot may have it.
        Note.objects.pending().filter(pk=row.pk).update(tried_at=now, hubspot_id=row.hubspot_id)
    result = create_notes(client, list(notes.values()))
    refused = {}
    for row in rows:
        trace = str(row.pk)
        if note_id := result.written.get(trace):
            _written(row, note_id)
            count += 1
        elif refusal := result.refused.get(trace):
            refused[row] = refusal
    if refused:
        _refuse(client, handover, refused)
    return count


def _read_back(client: Client, rows: Sequence[Note], marker: str) -> int:
    """Find out which notes of earlier attempts HubSpot has."""
    if not rows:
        return 0
    count = 0
    there = notes_of(client, sorted({row.hubspot_id for row in rows}))
    for row in rows:
        for note in there.get(row.hubspot_id, ()):
            if is_marked(note.body, marker):
                _written(row, note.id)
                row.state = State.WRITTEN
                count += 1
                break
    return count


def _written(row: Note, note_id: str) -> None:
    Note.objects.pending().filter(pk=row.pk).update(
        **NO_REASON,
        state=State.WRITTEN,
        note_id=note_id,
        hubspot_id=row.hubspot_id,
        sent_at=timezone.now(),
    )


def _refuse(client: Client, handover: WebinarHandover, refused: Mapping[Note, Refusal]) -> None:
    """Save why notes were refused; contacts whose id HubSpot no longer has are looked up by
    address."""
    known = existing_contacts(client, sorted({row.hubspot_id for row in refused}))
    missing = {row.contact_id for row in refused if row.hubspot_id not in known}
    if missing:
        look_up_missing(client, handover.portal, missing)
    for row, refusal in refused.items():
        mine = Note.objects.pending().filter(pk=row.pk)
        if row.contact_id in missing:
            # An earlier attempt may have reached the contact that it was merged into.
            mine.update(hubspot_id="")
        else:
            mine.update(
                state=State.REFUSED,
                reason_code=reasons.NOTE_REFUSED,
                reason_params={},
                hubspot_message=refusal.message,
            )
    _follow_contacts(handover)


# -- what notes say --------------------------------------------------------------------------------


def _new_notes(
    rows: Sequence[Note], by_contact: Mapping[int, tuple[NoteFacts, dt.datetime]]
) -> dict[int, NewNote]:
    """Return the notes of `rows` by contact; delete rows that have no content any more."""
    found: dict[int, NewNote] = {}
    with translation.override(settings.LANGUAGE_CODE):
        for row in rows:
            if row.contact_id not in by_contact:
                Note.objects.pending().filter(pk=row.pk, tried_at=None).delete()
                continue
            facts, ended_at = by_contact[row.contact_id]
            found[row.contact_id] = NewNote(str(row.pk), row.hubspot_id, ended_at, note_body(facts))
    return found


# -- for pages -------------------------------------------------------------------------------------


def write_again(handover: WebinarHandover, contact_id: int | None = None) -> int:
    """Write refused notes again, of one contact or of all; return how many."""
    rows = Note.objects.of(handover).not_taken()
    if contact_id is not None:
        rows = rows.filter(contact=contact_id)
    return rows.update(**NO_REASON, state=State.PENDING)


def counts_of_notes(handover: WebinarHandover) -> dict[str, int]:
    """Return the number of notes of a webinar in each state."""
    rows = Note.objects.of(handover).order_by()
    found = dict(rows.values_list("state").annotate(Count("pk")))
    return {state.value: found.get(state.value, 0) for state in State}


def not_taken(handover: WebinarHandover, most: int) -> list[Note]:
    """Return at most `most` notes that HubSpot does not have, with their people."""
    rows = Note.objects.of(handover).not_taken().select_related("contact")
    return list(rows.order_by("contact__email", "pk")[:most])
