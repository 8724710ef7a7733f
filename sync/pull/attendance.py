"""Sync sessions, attendance and questions: the steps of a run after the registrants.

The platform's present list counts (rule 8): fewer minutes, or a missing attendee or session.
Nothing is deleted if a row was skipped (rule 10).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import transaction

from core.batches import batched
from core.emails import email_key
from platforms.records import Attendee, Registrant, RegistrantStatus
from platforms.records import Session as RemoteSession
from sync import lease
from sync.pull import apply, snapshot
from sync.pull.apply import ApplyStats
from sync.pull.attendance_plan import (
    LocalAttendance,
    LocalSession,
    plan_attendance,
    plan_questions,
    plan_stay,
)
from sync.pull.changes import AttendancePlan
from sync.pull.plan import can_go
from sync.pull.registrant_details import CHUNK, Details, read_details
from sync.pull.seen_keys import SeenKeys
from webinars import sessions as session_rules
from webinars.models import Attendance, Session

if TYPE_CHECKING:
    from sync.pull.webinar_sync import WebinarSync

_BATCH = 500


# -- sessions --------------------------------------------------------------------------------------


def read_sessions(webinar_sync: WebinarSync) -> bool:
    """Sync the sessions; return whether there are any."""
    webinar_sync.report_progress("sessions", 0)
    webinar = webinar_sync.webinar
    remote = list(webinar_sync.client.sessions(webinar.key))
    known = {item.key: item for item in webinar.sessions.all()}
    changed = [item for item in remote if item.key not in known or _differs(known[item.key], item)]
    unlisted = known.keys() - {item.key for item in remote}
    if webinar_sync.client.skipped["sessions"]:
        unlisted = set()
    gone = {key for key in unlisted if not webinar_sync.client.session_is_known(webinar.key, key)}
    if changed or gone:
        with transaction.atomic():
            lease.hold(webinar_sync.run)
            apply.apply_sessions(webinar, changed)
            apply.remove_sessions(webinar, gone)
            session_rules.refresh(webinar)
        webinar_sync.attendance_changed = True
    return bool(remote)


def _differs(here: Session, there: RemoteSession) -> bool:
    return (here.started_at, here.ended_at, here.poll_count, here.attended_there) != (
        there.started_at,
        there.ended_at,
        there.poll_count,
        there.attended,
    )


# -- attendees -------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Listed:
    """The registrants found in this read by session key."""

    by_session: dict[str, SeenKeys] = field(default_factory=dict)
    count: Counter[str] = field(default_factory=Counter)
    # (registrant's key, session's) on the last page.
    page: set[tuple[str, str]] = field(default_factory=set)
    # The ids of attendance of which every part is listed, as its page showed.
    confirmed: set[int] = field(default_factory=set)

    def add(self, page: Sequence[Attendee]) -> set[tuple[str, str]]:
        """Add a page and return those of it (registrant's key, session's) that were found
        before."""
        self.page = {(item.registrant_key, item.session_key) for item in page}
        again = {place for place in self.page if self._has(*place)}
        new = self.page - again
        for session_key in {session_key for _key, session_key in new}:
            keys = [key for key, place in new if place == session_key]
            self.by_session.setdefault(session_key, SeenKeys()).update(keys)
            self.count[session_key] += len(keys)
        return again

    def has(self, registrant_key: str, session_key: str) -> bool:
        return (registrant_key, session_key) in self.page or self._has(registrant_key, session_key)

    def _has(self, registrant_key: str, session_key: str) -> bool:
        seen = self.by_session.get(session_key)
        return seen is not None and registrant_key in seen

    def has_all(self, registrant_keys: Collection[str], session_key: str) -> bool:
        """Return whether all these registrants are listed; there must be at least one."""
        return bool(registrant_keys) and all(self.has(key, session_key) for key in registrant_keys)

    def confirm(self, local: LocalAttendance, sessions: Iterable[LocalSession]) -> None:
        """Note which of the attendance of a page needs no further check."""
        session_keys = {session.id: session.key for session in sessions}
        self.confirmed.update(
            attendance_id
            for (_registration, session_id), (attendance_id, parts) in local.stays.items()
            if session_id in session_keys and self.has_all(parts, session_keys[session_id])
        )


def read_attendees(webinar_sync: WebinarSync) -> None:
    """Sync the attendees page by page, then delete attendance that is no longer listed."""
    webinar, client = webinar_sync.webinar, webinar_sync.client
    sessions = snapshot.read_sessions(webinar)
    listed = _Listed()
    done = 0
    for page in client.attendees(webinar.key):
        met = listed.add(page)
        here = snapshot.read_attendance(webinar, page)
        strangers = [item for item in page if item.registrant_key not in here.people]
        if strangers and _add_unlisted(webinar_sync, strangers, sessions):
            here = snapshot.read_attendance(webinar, page)
        if plan_attendance(page, sessions, here, met):
            with transaction.atomic():
                lease.hold(webinar_sync.run)
                here = snapshot.read_attendance(webinar, page)
                plan = plan_attendance(page, sessions, here, met)
                webinar_sync.stats.add(apply.apply_attendance(webinar, plan))
            webinar_sync.attendance_changed = True
        else:
            listed.confirm(here, sessions.values())
        done += len(page)
        webinar_sync.report_progress("attendees", done)
    skipped = webinar_sync.client.skipped["attendees"]
    if not skipped:
        _withdraw_unlisted(webinar_sync, sessions, listed)
    _note_report(webinar_sync, listed.count, skipped)


def _add_unlisted(
    webinar_sync: WebinarSync, strangers: Sequence[Attendee], sessions: dict[str, LocalSession]
) -> bool:
    """Add people who attended and were not on the list of registrants.

    Their details are read, because the time of registration decides whether someone deleted here
    stays deleted (rule 5). Without details they attended without registration; then a deleted
    person stays deleted. Return whether anyone was added.
    """
    unlisted = {item.registrant_key: _as_registrant(item, sessions) for item in strangers}
    here = snapshot.read_page(webinar_sync.webinar, list(unlisted.values()))
    before = webinar_sync.stats.registrations, webinar_sync.stats.changed
    for portion in batched([item for item in unlisted.values() if can_go(item)], CHUNK):
        details = read_details(
            webinar_sync.client, webinar_sync.webinar.key, [item.key for item in portion]
        )
        webinar_sync.unread |= details.failed
        page = [found.registrant for found in details.found.values()]
        page += [
            item
            for item in portion
            if item.key in details.gone and email_key(item.email) not in here.deletions
        ]
        webinar_sync.write_page(page, Details(found=details.found), frozenset(details.gone))
        if details.stop:
            raise details.stop
    return before != (webinar_sync.stats.registrations, webinar_sync.stats.changed)


def _as_registrant(attendee: Attendee, sessions: dict[str, LocalSession]) -> Registrant:
    """Return an attendee as a registrant, registered at the latest when their session began."""
    session = sessions.get(attendee.session_key)
    started = session.started_at if session else dt.datetime.fromtimestamp(0, dt.UTC)
    return Registrant(
        key=attendee.registrant_key,
        first_name=attendee.first_name,
        last_name=attendee.last_name,
        email=attendee.email,
        registered_at=started,
        status=RegistrantStatus.APPROVED,
        join_url="",
        time_zone="",
    )


def _withdraw_unlisted(
    webinar_sync: WebinarSync, sessions: dict[str, LocalSession], listed: _Listed
) -> None:
    """Delete attendance that is no longer listed.

    If no one is listed for a session that someone attended, its report is missing, and nothing is
    deleted.
    """
    by_id = {session.id: session for session in sessions.values()}
    silent = Session.objects.filter(webinar=webinar_sync.webinar, attended_there__gt=0).exclude(
        key__in=[key for key, count in listed.count.items() if count]
    )
    rows = Attendance.objects.filter(session__in=by_id).exclude(session__in=silent)
    read = rows.order_by("pk").values_list("pk", flat=True).iterator(2000)
    for unconfirmed in batched((pk for pk in read if pk not in listed.confirmed), _BATCH):
        parts_of = rows.filter(pk__in=unconfirmed).values_list("pk", "session_id", "by_registrant")
        stale = [
            pk
            for pk, session_id, parts in parts_of
            if not listed.has_all(parts, by_id[session_id].key)
        ]
        if stale:
            with transaction.atomic():
                lease.hold(webinar_sync.run)
                _correct(webinar_sync, by_id, stale, listed)
            webinar_sync.attendance_changed = True


def _correct(
    webinar_sync: WebinarSync, sessions: dict[int, LocalSession], stale: list[int], listed: _Listed
) -> None:
    rows = Attendance.objects.filter(pk__in=stale).select_related("registration", "session")
    gone = []
    plan = AttendancePlan()
    for row in rows:
        session = sessions[row.session_id]
        left = {k: v for k, v in row.by_registrant.items() if listed.has(k, session.key)}
        if left:
            place = row.registration_id, session.id
            plan_stay(plan, place, row.registration.contact_id, session, row.pk, left)
        else:
            gone.append(row)
    if plan:
        webinar_sync.stats.add(apply.apply_attendance(webinar_sync.webinar, plan))
    apply.remove_attendance(gone)
    webinar_sync.stats.add(ApplyStats(changed=len(gone)))


def _note_report(webinar_sync: WebinarSync, listed: Counter[str], skipped: int) -> None:
    """Save how complete the report of each session is: before it is, no one is a no-show (rule
    8)."""
    for session in webinar_sync.webinar.sessions.all():
        now = listed[session.key], skipped
        if (session.listed, session.unreadable) != now:
            session.listed, session.unreadable = now
            session.save(update_fields=["listed", "unreadable"])
    if session_rules.refresh(webinar_sync.webinar):
        webinar_sync.attendance_changed = True


def refresh_no_shows(webinar_sync: WebinarSync) -> None:
    """Add no-shows to the timelines as soon as they are known (rule 7)."""
    changed = (
        webinar_sync.attendance_changed
        or webinar_sync.stats.registrations
        or webinar_sync.stats.changed
    )
    if not session_rules.no_shows_are_due(webinar_sync.webinar, changed=bool(changed)):
        return
    with transaction.atomic():
        lease.hold(webinar_sync.run)
        lines = session_rules.write_no_shows(webinar_sync.webinar)
    webinar_sync.stats.add(ApplyStats(activities=lines))


# -- questions -------------------------------------------------------------------------------------


def read_questions(webinar_sync: WebinarSync) -> None:
    """Sync the questions of each session with their answers."""
    if not webinar_sync.client.capabilities.questions:
        return
    webinar = webinar_sync.webinar
    sessions = snapshot.read_sessions(webinar)
    for done, session in enumerate(sessions.values(), start=1):
        questions = webinar_sync.client.questions(webinar.key, session.key)
        people = snapshot.people_by_key(webinar, {item.asker_key for item in questions})
        contacts = {key: contact_id for key, (_, contact_id) in people.items()}
        known = snapshot.read_lines(contacts.values(), f"question:{session.key}:")
        lines = plan_questions(questions, session.key, contacts, known)
        if lines:
            fresh = sum((line.contact, line.key) not in known for line in lines)
            with transaction.atomic():
                lease.hold(webinar_sync.run)
                apply.upsert_activities(webinar, lines)
            webinar_sync.stats.add(ApplyStats(activities=fresh, changed=len(lines) - fresh))
        webinar_sync.report_progress("questions", done, len(sessions))
