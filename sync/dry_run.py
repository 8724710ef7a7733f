"""Dry runs: plan a sync and show the plan, without writing anything."""

from dataclasses import asdict, dataclass
from typing import Any

from django.utils import timezone

from core.emails import email_key
from platforms.client_factory import client_for
from platforms.contract import Client
from platforms.errors import NotFound
from sync import jobs
from sync.models import DryRun
from sync.pull import snapshot
from sync.pull.attendance_plan import plan_attendance
from sync.pull.plan import plan_registrants
from sync.pull.seen_keys import SeenKeys
from sync.queue import queue_dry_run
from sync.runs import CallCount
from webinars.models import Webinar


@dataclass(slots=True)
class Counts:
    """What a sync would do now, as numbers of people."""

    contacts: int = 0
    registrations: int = 0
    changes: int = 0
    cancellations: int = 0
    attendances: int = 0

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def request(webinar: Webinar, user_id: int | None) -> bool:
    """Request a dry run of `webinar`, and return whether it is queued. A second click while it runs
    changes nothing."""
    return jobs.request(DryRun, webinar, user_id, queue_dry_run)


def run(webinar: Webinar) -> DryRun:
    """Do the pending dry run and return the result. Raises jobs.NoPendingJob."""

    def body(job: DryRun) -> None:
        calls = CallCount()
        shown = count_changes(webinar, client_for(webinar.connection, on_call=calls))
        jobs.finish(job, calls=calls.made, **shown.as_dict())

    return jobs.run_pending(DryRun, webinar, body)


def count_changes(webinar: Webinar, client: Client) -> Counts:
    """Read the platform's pages and plan, without the details of new people. Raises
    PlatformError."""
    shown = Counts()
    seen = SeenKeys()
    met: set[str] = set()
    new_keys: set[str] = set()
    for page in client.registrants(webinar.key):
        seen.update(registrant.key for registrant in page)
        here = snapshot.read_page(webinar, page)
        fresh = [item for item in page if email_key(item.email) not in met]
        plan = plan_registrants(fresh, here, {}, webinar_key=webinar.key, now=timezone.now())
        met.update(item.person for item in plan.registrations)
        new_keys.update(item.registrant_key for item in plan.registrations)
        shown.contacts += len(plan.contacts)
        shown.registrations += len(plan.registrations)
        shown.changes += len(plan.changes)
    shown.cancellations = _gone(webinar, client, seen)
    shown.attendances = _attendances(webinar, client, new_keys)
    return shown


def _gone(webinar: Webinar, client: Client, seen: SeenKeys) -> int:
    gone = 0
    for registration in snapshot.unseen_registrations(webinar, seen):
        try:
            client.registrant(webinar.key, registration.registrant_key)
        except NotFound:
            gone += 1
    return gone


def _attendances(webinar: Webinar, client: Client, new_keys: set[str]) -> int:
    if not list(client.sessions(webinar.key)):
        return 0
    sessions = snapshot.read_sessions(webinar)
    count = 0
    for page in client.attendees(webinar.key):
        here = snapshot.read_attendance(webinar, page)
        count += len(plan_attendance(page, sessions, here).stays)
        count += sum(
            item.registrant_key in new_keys
            or (item.registrant_key in here.people and item.session_key not in sessions)
            for item in page
        )
    return count
