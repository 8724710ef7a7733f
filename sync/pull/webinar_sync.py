"""Bringing one webinar level: fetch a page, plan, apply, until all pages are done.

The steps, in the order of the code: registrants (details for new people only), those missed on
the list, sessions, attendees, questions, poll and survey answers, the form's fields and the seats.
Each page is written in a transaction of its own, so that what one page brought is not lost when
the next one fails.
"""

import datetime as dt
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from core.emails import email_key
from platforms.gotowebinar import Attendee, Client, GoToError, NotFound, Registrant
from sync import lease
from sync.models import SyncRun
from sync.pull import answers, apply, snapshot
from sync.pull.apply import Written
from sync.pull.attendance_plan import LocalSession, plan_attendance, plan_questions
from sync.pull.changes import Plan
from sync.pull.plan import (
    Local,
    LocalRegistration,
    can_go,
    in_turn,
    plan_cancellation,
    plan_registrants,
    state_of,
)
from sync.pull.registrant_details import Details, chunks, read_details
from sync.pull.seen_keys import Seen
from sync.push import capacity, waitlist
from webinars.models import Webinar

# Progress is written no more often than this (seconds): an unchanged webinar costs no writes.
_TELL_EVERY = 1.0
OnProgress = Callable[[str, int, int], None]


@dataclass(slots=True)
class Level:
    """One run over one webinar. `unread` collects the people whose details GoTo failed to give."""

    run: SyncRun
    webinar: Webinar
    client: Client
    on_progress: OnProgress = lambda step, done, total: None
    written: Written = field(default_factory=Written)
    unread: dict[str, GoToError] = field(default_factory=dict)
    _told_at: float = 0.0

    def bring(self) -> None:
        """Do all steps. Raises GoToError, or LostLease when the run was declared lost."""
        seen = self._registrants()
        self._missed(seen)
        del seen
        if self._sessions():
            self._attendees()
            self._questions()
            answers.read_answers(self)
        if not self.webinar.is_over:
            self._form()

    # -- registrants ---------------------------------------------------------------------------

    def _registrants(self) -> Seen:
        seen = Seen()
        self.tell("registrants", 0)
        for page in self.client.registrants(self.webinar.key):
            seen.update(registrant.key for registrant in page)
            self.take_page(page)
            self.tell("registrants", len(seen))
        return seen

    def take_page(self, page: Sequence[Registrant]) -> None:
        """Bring a page of registrants level, asking for details of those who are new here."""
        here = snapshot.read_page(self.webinar, page)
        known, strangers, further = in_turn(page, here)
        unread: set[str] = set()
        if self._plan(known, here, Details()):
            self._write_page(known, Details())
        for portion in chunks(strangers):
            details = read_details(self.client, self.webinar.key, [item.key for item in portion])
            self.unread |= details.failed
            unread |= {email_key(item.email) for item in portion if item.key in details.unread}
            self._write_page(portion, details)
            self.tell("details", self.written.contacts)
            if details.stop:
                raise details.stop
        further = [item for item in further if email_key(item.email) not in unread]
        if further:
            self._write_page(further, Details())

    def _plan(
        self,
        page: Sequence[Registrant],
        here: Local,
        details: Details,
        gone: frozenset[str] = frozenset(),
    ) -> Plan:
        return plan_registrants(
            page,
            here,
            details.found,
            webinar_key=self.webinar.key,
            now=timezone.now(),
            skip=details.unread,
            gone=gone,
        )

    def _write_page(
        self, page: Sequence[Registrant], details: Details, gone: frozenset[str] = frozenset()
    ) -> None:
        # Read and planned again inside: what another process wrote meanwhile is taken in.
        with transaction.atomic():
            lease.hold(self.run)
            plan = self._plan(page, snapshot.read_page(self.webinar, page), details, gone)
            self.written.add(apply.apply_plan(self.webinar, plan))

    # -- those whom the list no longer has -----------------------------------------------------

    def _missed(self, seen: Seen) -> None:
        """Mark as cancelled whom GoTo, asked for that one registrant, confirms to be gone.

        A list moves while it is paged: not being on it says nothing by itself.
        """
        for done, registration in enumerate(snapshot.missed(self.webinar, seen), start=1):
            self.tell("cancellations", done)
            if not any(key in seen for key in snapshot.other_keys(registration.id)):
                self._confirm(registration)

    def _confirm(self, registration: LocalRegistration) -> None:
        try:
            details = self.client.registrant(self.webinar.key, registration.registrant_key)
        except NotFound:
            plan = plan_cancellation(registration, webinar_key=self.webinar.key, now=timezone.now())
            with transaction.atomic():
                lease.hold(self.run)
                self.written.add(apply.apply_plan(self.webinar, plan))
        else:
            if details.unsubscribed or state_of(details.registrant.status) != registration.state:
                self._write_page(
                    [details.registrant], Details({registration.registrant_key: details})
                )

    # -- sessions and who was there ------------------------------------------------------------

    def _sessions(self) -> bool:
        """Bring the sessions level; tell whether there is any."""
        self.tell("sessions", 0)
        remote = list(self.client.sessions(self.webinar.key))
        known = {item.key: item for item in self.webinar.sessions.all()}
        changed = [
            item
            for item in remote
            if item.key not in known
            or (known[item.key].started_at, known[item.key].ended_at, known[item.key].poll_count)
            != (item.started_at, item.ended_at, item.poll_count)
        ]
        if changed or apply.last_end(remote) != self.webinar.last_session_ended_at:
            with transaction.atomic():
                lease.hold(self.run)
                apply.apply_sessions(self.webinar, changed, apply.last_end(remote))
        return bool(remote)

    def _attendees(self) -> None:
        sessions = snapshot.read_sessions(self.webinar)
        done = 0
        for page in self.client.attendees(self.webinar.key):
            here = snapshot.read_attendance(self.webinar, page)
            strangers = [item for item in page if item.registrant_key not in here.people]
            if strangers and self._meet(strangers, sessions):
                here = snapshot.read_attendance(self.webinar, page)
            if plan_attendance(page, sessions, here):
                with transaction.atomic():
                    lease.hold(self.run)
                    here = snapshot.read_attendance(self.webinar, page)
                    plan = plan_attendance(page, sessions, here)
                    self.written.add(apply.apply_attendance(self.webinar, plan))
            done += len(page)
            self.tell("attendees", done)

    def _meet(self, strangers: Sequence[Attendee], sessions: dict[str, LocalSession]) -> bool:
        """Take in people who attended and whom the list did not have: they cancelled since.

        Each is asked for, because when they registered decides whether somebody deleted here stays
        deleted (rule 5). Of whom GoTo knows nothing any more that is not known, and a deleted
        person stays away. Returns whether anybody was taken in.
        """
        unlisted = {item.registrant_key: _as_registrant(item, sessions) for item in strangers}
        here = snapshot.read_page(self.webinar, list(unlisted.values()))
        before = self.written.registrations, self.written.changed
        for portion in chunks([item for item in unlisted.values() if can_go(item)]):
            details = read_details(self.client, self.webinar.key, [item.key for item in portion])
            self.unread |= details.failed
            page = [found.registrant for found in details.found.values()]
            page += [
                item
                for item in portion
                if item.key in details.gone and email_key(item.email) not in here.buried
            ]
            self._write_page(page, Details(found=details.found), frozenset(details.gone))
            if details.stop:
                raise details.stop
        return before != (self.written.registrations, self.written.changed)

    def _questions(self) -> None:
        sessions = snapshot.read_sessions(self.webinar)
        for done, session in enumerate(sessions.values(), start=1):
            questions = self.client.questions(self.webinar.key, session.key)
            people = snapshot.people_by_key(self.webinar, {item.asker_key for item in questions})
            contacts = {key: contact_id for key, (_, contact_id) in people.items()}
            known = snapshot.read_lines(contacts.values(), f"question:{session.key}:")
            lines = plan_questions(questions, session.key, contacts, known)
            if lines:
                fresh = sum((line.contact, line.key) not in known for line in lines)
                with transaction.atomic():
                    lease.hold(self.run)
                    apply.write_lines(self.webinar, lines)
                self.written.add(Written(activities=fresh, changed=len(lines) - fresh))
            self.tell("questions", done, len(sessions))

    # -- what our form must know ---------------------------------------------------------------

    def _form(self) -> None:
        """Bring the form's fields and the seats level, and let people in for those that are free.

        Last, because people are never to wait for a form that GoTo does not give.
        """
        self.tell("form", 0)
        capacity.keep_form(self.webinar, self.client)
        if self.webinar.promote_by_itself and self.webinar.free_seats:
            waitlist.promote(self.webinar, self.client)

    # -- progress ------------------------------------------------------------------------------

    def tell(self, step: str, done: int, total: int = 0) -> None:
        """Show how far the run is; the row is written at most once a second."""
        self.on_progress(step, done, total)
        now = time.monotonic()
        if now - self._told_at >= _TELL_EVERY:
            self._told_at = now
            lease.hold(self.run, step=step, done=done, total=total)


def _as_registrant(attendee: Attendee, sessions: dict[str, LocalSession]) -> Registrant:
    """Return the registrant that an attendee was, registered when their session began at latest."""
    session = sessions.get(attendee.session_key)
    started = session.started_at if session else dt.datetime.fromtimestamp(0, dt.UTC)
    return Registrant(
        key=attendee.registrant_key,
        first_name=attendee.first_name,
        last_name=attendee.last_name,
        email=attendee.email,
        registered_at=started,
        status="APPROVED",
        join_url="",
        time_zone="",
    )
