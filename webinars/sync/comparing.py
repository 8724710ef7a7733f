"""Checking why the two lists differ, for a person who asks: recorded from the click to the end.

The steps, in the order of the code: declare broken off what a dead worker held, and note the wish,
which the database refuses while another is open. Then, in a worker: take what waits; read both
lists; write what was found in one transaction, unless it was declared broken off meanwhile. Only
the newest are kept.
"""

import datetime as dt
import logging

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.deletion import tombstones_of
from contacts.emails import email_key
from webinars.gotowebinar import GoToError, Registrant
from webinars.models import Comparison, ComparisonDifference, Registration, Webinar
from webinars.sync import lease
from webinars.sync.explain import explain
from webinars.sync.goto import client_for
from webinars.sync.plan import Buried, stays_deleted
from webinars.sync.reconcile import Compared, Difference, compare

logger = logging.getLogger(__name__)
State = Comparison.State

# So many comparisons of a webinar are kept: the one that is shown, and those before it.
KEPT = 3
# One that no worker has taken for so long is asked for once more: its task may be lost.
_LOST_AFTER = dt.timedelta(seconds=30)
_BATCH = 500


class NothingWaits(Exception):
    """Nobody waits for a comparison of this webinar: another worker has it, or has done it."""


def ask(webinar: Webinar, user_id: int | None) -> bool:
    """Note that `webinar` is to be checked, and tell whether a worker has to be asked."""
    now = timezone.now()
    _break_off_dead(webinar)
    try:
        with transaction.atomic():
            Comparison.objects.create(webinar=webinar, asked_by_id=user_id, asked_at=now)
    except IntegrityError:
        lost = Comparison.objects.filter(
            webinar=webinar, state=State.WAITING, asked_at__lt=now - _LOST_AFTER
        )
        return bool(lost.update(asked_at=now))
    return True


def check(webinar: Webinar) -> Comparison:
    """Make the comparison that waits and return how that ended. Raises NothingWaits."""
    comparison = _take(webinar)
    try:
        with lease.beating(lambda: _hold(comparison), name=f"comparison-{comparison.pk}"):
            compared = compare(webinar, client_for(webinar.connection))
        _finish(comparison, compared)
    except Exception as error:
        problem = explain(error)
        if isinstance(error, GoToError):
            logger.warning("Comparison %s failed: %s", comparison.pk, problem)
        else:
            logger.exception("Comparison %s failed", comparison.pk)
        _mine(comparison).update(
            state=State.FAILED,
            finished_at=timezone.now(),
            error=problem.sentence,
            goto_words=problem.words,
        )
    _clear_out(webinar)
    comparison.refresh_from_db()
    return comparison


def _break_off_dead(webinar: Webinar) -> None:
    now = timezone.now()
    Comparison.objects.filter(webinar=webinar, state=State.RUNNING, lease_until__lt=now).update(
        state=State.FAILED,
        finished_at=now,
        error=_("The process that checked was ended. Check again."),
    )


def _take(webinar: Webinar) -> Comparison:
    now = timezone.now()
    waiting = Comparison.objects.filter(webinar=webinar, state=State.WAITING)
    if not waiting.update(state=State.RUNNING, started_at=now, lease_until=now + lease.LEASE):
        raise NothingWaits
    return Comparison.objects.get(webinar=webinar, state=State.RUNNING)


def _mine(comparison: Comparison) -> QuerySet[Comparison]:
    return Comparison.objects.filter(pk=comparison.pk, state=State.RUNNING)


def _hold(comparison: Comparison) -> None:
    if not _mine(comparison).update(lease_until=timezone.now() + lease.LEASE):
        raise lease.LostLease


def _finish(comparison: Comparison, compared: Compared) -> None:
    """Write what was found; one that was declared broken off in the meantime stays so."""
    with transaction.atomic():
        if not _mine(comparison).update(
            state=State.DONE,
            finished_at=timezone.now(),
            lease_until=None,
            here=compared.here,
            goto=compared.goto,
            both=compared.both,
            awaiting=compared.awaiting,
            denied=compared.denied,
        ):
            return
        for start in range(0, len(compared.differences), _BATCH):
            _write(comparison, compared.differences[start : start + _BATCH])


def _clear_out(webinar: Webinar) -> None:
    """Delete all but the newest comparisons; failures never push out what was found before."""
    for state in (State.DONE, State.FAILED):
        ended = Comparison.objects.filter(webinar=webinar, state=state)
        newest = list(ended.values_list("pk", flat=True)[:KEPT])
        ended.exclude(pk__in=newest).delete()


def _write(comparison: Comparison, differences: list[Difference]) -> None:
    # Looked at again here: people may have been deleted while GoTo's list was read.
    ids = {item.registration_id for item in differences if item.registration_id}
    rows = Registration.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    here = set(rows.values_list("pk", flat=True))
    deleted = _deleted([item.registrant for item in differences if item.registrant])
    ComparisonDifference.objects.bulk_create(
        [_row(comparison, item, here, deleted) for item in differences]
    )


def _deleted(registrants: list[Registrant]) -> set[str]:
    """Return the keys of those who were deleted here and stay so: no name of theirs is kept."""
    stones = tombstones_of({email_key(item.email) for item in registrants})
    found = {person: Buried(stone.deleted_at, stone.for_good) for person, stone in stones.items()}
    return {
        item.key for item in registrants if stays_deleted(item, found.get(email_key(item.email)))
    }


def _row(
    comparison: Comparison, item: Difference, here: set[int], deleted: set[str]
) -> ComparisonDifference:
    row = ComparisonDifference(comparison=comparison, reason=item.reason, side=item.side)
    if item.registration_id in here:
        row.registration_id = item.registration_id
    if item.registrant is None:
        return row
    row.registrant_key = item.registrant.key
    if item.registration_id is None and row.registrant_key not in deleted:
        row.email = item.email.strip()[:254]
        row.email_key = email_key(item.email)[:254]
        row.name = f"{item.registrant.first_name} {item.registrant.last_name}".strip()[:255]
    return row
