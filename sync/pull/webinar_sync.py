"""Sync one webinar: fetch a page, plan, apply, until all pages are done.

The steps, in the order of the code: registrants (details for new people only), those missing from
the list, sessions, attendees, questions, poll and survey answers, the form's fields and the seats,
the speakers. Each page is written in a transaction of its own, so that a failure does not lose the
pages before.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from django.db import transaction
from django.utils import timezone

from core.batches import batched
from core.emails import email_key
from platforms.contract import Client
from platforms.errors import NotFound, PlatformError, Unreadable
from platforms.records import Registrant
from sync import lease
from sync.models import SyncRun
from sync.pull import answers, apply, attendance, snapshot, speakers
from sync.pull.apply import ApplyStats
from sync.pull.changes import Plan
from sync.pull.plan import (
    LocalRegistration,
    LocalSnapshot,
    in_turn,
    plan_cancellation,
    plan_registrants,
    state_of,
)
from sync.pull.registrant_details import CHUNK, Details, read_details
from sync.pull.seen_keys import SeenKeys
from sync.push import capacity, promotion
from webinars.models import Webinar

T = TypeVar("T")
# Progress is saved no more often than this (seconds): an unchanged webinar costs no writes.
_PROGRESS_SECONDS = 1.0
OnProgress = Callable[[str, int, int], None]


@dataclass(slots=True)
class WebinarSync:
    """One run over one webinar.

    `unread` collects the people whose details the platform failed to return, `unreadable` the steps
    of which a whole page could not be read. The client counts single unreadable rows.
    """

    run: SyncRun
    webinar: Webinar
    client: Client
    on_progress: OnProgress = lambda step, done, total: None
    stats: ApplyStats = field(default_factory=ApplyStats)
    unread: dict[str, PlatformError] = field(default_factory=dict)
    unreadable: dict[str, Unreadable] = field(default_factory=dict)
    # Whether attendance or a session has changed in this run.
    attendance_changed: bool = False
    answers_read: bool = False
    _reported_at: float = 0.0

    def sync(self) -> None:
        """Do all steps. Raises PlatformError, or LostLease if the run was marked as lost.

        A step whose list cannot be read does not stop the others (rule 10).
        """
        self._do("registrants", self._sync_registrants)
        ran = self._do("sessions", lambda: attendance.read_sessions(self))
        if ran or (ran is None and self.webinar.sessions.exists()):
            self._do("attendees", lambda: attendance.read_attendees(self))
            self._do("questions", lambda: attendance.read_questions(self))
            self._do("answers", lambda: answers.read_answers(self))
        attendance.refresh_no_shows(self)
        if not self.webinar.is_over:
            self._do("form", self._form)
        if self._do("speakers", self._speakers):
            # People newly marked as internal are no no-shows.
            self.attendance_changed = True
            attendance.refresh_no_shows(self)

    def _do(self, step: str, action: Callable[[], T]) -> T | None:
        """Return the result of `action`; None if a list was unreadable, which is recorded for the
        step."""
        try:
            return action()
        except Unreadable as error:
            self.unreadable[step] = error
            return None

    def _speakers(self) -> bool:
        return speakers.sync_speakers(self.webinar, self.client, self.run)

    def _sync_registrants(self) -> None:
        seen = self._sync_list()
        # An unreadable row could be anyone, so no one counts as cancelled.
        if not self.client.skipped["registrants"]:
            self._detect_cancellations(seen)

    # -- registrants ---------------------------------------------------------------------------

    def _sync_list(self) -> SeenKeys:
        seen = SeenKeys()
        self.report_progress("registrants", 0)
        for page in self.client.registrants(self.webinar.key):
            seen.update(registrant.key for registrant in page)
            self.sync_page(page)
            self.report_progress("registrants", len(seen))
        return seen

    def sync_page(self, page: Sequence[Registrant]) -> None:
        """Sync a page of registrants, reading the details of new people."""
        here = snapshot.read_page(self.webinar, page)
        known, strangers, further = in_turn(page, here)
        unread: set[str] = set()
        if self._plan(known, here, Details()):
            self.write_page(known, Details())
        for portion in batched(strangers, CHUNK):
            details = read_details(self.client, self.webinar.key, [item.key for item in portion])
            self.unread |= details.failed
            unread |= {email_key(item.email) for item in portion if item.key in details.unread}
            self.write_page(portion, details)
            self.report_progress("details", self.stats.contacts)
            if details.stop:
                raise details.stop
        further = [item for item in further if email_key(item.email) not in unread]
        if further:
            self.write_page(further, Details())

    def _plan(
        self,
        page: Sequence[Registrant],
        here: LocalSnapshot,
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

    def write_page(
        self, page: Sequence[Registrant], details: Details, gone: frozenset[str] = frozenset()
    ) -> None:
        """Write the changes for a page of registrants in a transaction of its own."""
        # Read and planned again inside, to include what other processes wrote in the meantime.
        with transaction.atomic():
            lease.hold(self.run)
            plan = self._plan(page, snapshot.read_page(self.webinar, page), details, gone)
            self.stats.add(apply.apply_plan(self.webinar, plan))

    # -- those whom the list no longer has -----------------------------------------------------

    def _detect_cancellations(self, seen: SeenKeys) -> None:
        """Mark registrations as cancelled if the platform confirms, for each registrant, that they
        are gone.

        A list changes while it is paged: not being on it proves nothing.
        """
        for done, registration in enumerate(
            snapshot.unseen_registrations(self.webinar, seen), start=1
        ):
            self.report_progress("cancellations", done)
            if not any(key in seen for key in snapshot.alias_keys(registration.id)):
                self._confirm_cancellation(registration)

    def _confirm_cancellation(self, registration: LocalRegistration) -> None:
        try:
            details = self.client.registrant(self.webinar.key, registration.registrant_key)
        except NotFound:
            plan = plan_cancellation(registration, webinar_key=self.webinar.key, now=timezone.now())
            with transaction.atomic():
                lease.hold(self.run)
                self.stats.add(apply.apply_plan(self.webinar, plan))
        else:
            if details.unsubscribed or state_of(details.registrant.status) != registration.state:
                self.write_page(
                    [details.registrant], Details({registration.registrant_key: details})
                )

    # -- what our form must know ---------------------------------------------------------------

    def _form(self) -> None:
        """Sync the form's fields and the seats, and assign free seats to the waiting list.

        Last, so that registrants do not wait for a form that the platform does not return.
        """
        self.report_progress("form", 0)
        capacity.refresh_form_fields(self.webinar, self.client)
        if self.webinar.auto_promote and self.webinar.free_seats:
            promotion.promote(self.webinar, self.client)

    # -- progress ------------------------------------------------------------------------------

    def report_progress(self, step: str, done: int, total: int = 0) -> None:
        """Report the progress of the run; the row is written at most once a second."""
        self.on_progress(step, done, total)
        now = time.monotonic()
        if now - self._reported_at >= _PROGRESS_SECONDS:
            self._reported_at = now
            lease.hold(self.run, step=step, done=done, total=total)
