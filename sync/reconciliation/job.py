"""The job that compares the two lists, after a sync and on request.

A worker reads both lists and writes the result in one transaction.
"""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from contacts.tombstones import tombstones_of
from core.emails import email_key
from platforms.client_factory import client_for
from platforms.records import Registrant
from sync import jobs
from sync.models import Reconciliation, ReconciliationDifference
from sync.pull.plan import Deletion, stays_deleted
from sync.queue import queue_reconciliation
from sync.reconciliation.differences import Compared, Difference, compare
from webinars.models import Registration, Webinar

_BATCH = 500
# It costs as many calls as reading the list of registrants.
_FRESH_FOR = dt.timedelta(hours=6)


def request(webinar: Webinar, user_id: int | None) -> bool:
    """Request a reconciliation of `webinar`, and return whether it is queued. A second click while
    it runs changes nothing."""
    return jobs.request(Reconciliation, webinar, user_id, queue_reconciliation)


def refresh(webinar: Webinar, *, asked_for: bool) -> None:
    """Request a reconciliation after a sync that a user requested, or if the last one is hours
    old."""
    newest = webinar.reconciliations.first()
    if asked_for or newest is None or newest.requested_at < timezone.now() - _FRESH_FOR:
        request(webinar, None)


def run(webinar: Webinar) -> Reconciliation:
    """Run the pending reconciliation and return the result. Raises jobs.NoPendingJob."""

    def body(reconciliation: Reconciliation) -> None:
        _finish(reconciliation, compare(webinar, client_for(webinar.connection)))

    return jobs.run_pending(Reconciliation, webinar, body)


def _finish(reconciliation: Reconciliation, compared: Compared) -> None:
    """Write the result; a job that was marked as interrupted in the meantime stays so."""
    with transaction.atomic():
        if not jobs.finish(
            reconciliation,
            here=compared.here,
            on_platform=compared.on_platform,
            both=compared.both,
            awaiting=compared.awaiting,
            denied=compared.denied,
        ):
            return
        for start in range(0, len(compared.differences), _BATCH):
            _write(reconciliation, compared.differences[start : start + _BATCH])


def _write(reconciliation: Reconciliation, differences: list[Difference]) -> None:
    # Checked again here: people may have been deleted while the platform's list was read.
    ids = {item.registration_id for item in differences if item.registration_id}
    rows = Registration.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    here = set(rows.values_list("pk", flat=True))
    deleted = _deleted([item.registrant for item in differences if item.registrant])
    ReconciliationDifference.objects.bulk_create(
        [_row(reconciliation, item, here, deleted) for item in differences]
    )


def _deleted(registrants: list[Registrant]) -> set[str]:
    """Return the keys of those who were deleted here and stay deleted: no name of theirs is
    stored."""
    stones = tombstones_of({email_key(item.email) for item in registrants})
    found = {
        person: Deletion(stone.deleted_at, stone.permanent) for person, stone in stones.items()
    }
    return {
        item.key for item in registrants if stays_deleted(item, found.get(email_key(item.email)))
    }


def _row(
    reconciliation: Reconciliation, item: Difference, here: set[int], deleted: set[str]
) -> ReconciliationDifference:
    row = ReconciliationDifference(
        reconciliation=reconciliation, reason=item.reason, side=item.side
    )
    if item.registration_id in here:
        row.registration_id = item.registration_id
    if item.registrant is None:
        return row
    row.registrant_key = item.registrant.key
    if item.registration_id is None and row.registrant_key not in deleted:
        row.email = item.email.strip()[:254]
        row.email_key = email_key(item.email)[:254]
    if row.email_key or row.registration_id:
        row.name = f"{item.registrant.first_name} {item.registrant.last_name}".strip()[:255]
    return row
