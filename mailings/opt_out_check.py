"""Ask other systems which of a mailing's recipients opted out there, before sending.

The platform is one of them; packages above register theirs. All recipients are checked once, in
portions. Failed checks are retried each minute; after an hour the recipient is left out, with the
reason in their row. Killed anywhere, it continues with those not checked yet.
"""

import datetime as dt
import time
from collections.abc import Collection, Sequence
from typing import Any, Protocol

from django.db.models import QuerySet
from django.utils import timezone

from core.batches import batched
from core.conditions import has_passed
from core.panels import Registry
from mailings.models import Mailing, Recipient
from mailings.models.mailing import RecipientQuerySet
from mailings.reasons import Reason
from sync.opt_out_check import FRESH, refresh, to_check

# How long failed checks are retried, and the delay between two attempts.
DEADLINE = dt.timedelta(hours=1)
_PAUSE = dt.timedelta(minutes=1)
# Longer than a portion takes; the lease of a killed worker expires.
_LEASE = dt.timedelta(minutes=2)


class Asked(Protocol):
    """A question to a system about one contact."""

    @property
    def contact_id(self) -> int: ...


class OptOutSource(Protocol):
    """A system in which people opt out; `label` is its name, and it is asked for `at_once` people
    at a time."""

    @property
    def label(self) -> str: ...

    @property
    def order(self) -> int: ...

    @property
    def at_once(self) -> int: ...

    def to_check(self, contact_ids: Collection[int] | QuerySet[Any]) -> Sequence[Any]:
        """Return the questions about those of the contacts who were not checked within a day
        (`Asked`)."""

    def refresh(self, asked: Sequence[Any]) -> bool:
        """Ask and save opt-outs; return whether the system can be asked about others now.

        `to_check` returns failed ones again.
        """


class _Platform:
    """The platform, which has opt-outs in the details of registrants."""

    label = "GoToWebinar"
    order = 0
    at_once = 50

    def to_check(self, contact_ids: Collection[int] | QuerySet[Any]) -> Sequence[Any]:
        return to_check(contact_ids)

    def refresh(self, asked: Sequence[Any]) -> bool:
        refresh(asked)
        return True


sources: Registry[OptOutSource] = Registry()
sources.register(_Platform())


def left(mailing: Mailing) -> int:
    """Return how many people are still to be checked."""
    waiting = _waiting(mailing).values("contact")
    return len({row.contact_id for source in sources for row in source.to_check(waiting)})


def labels(mailing: Mailing) -> str:
    """Return the names of the systems that are still to be asked."""
    waiting = _waiting(mailing).values("contact")
    return ", ".join(source.label for source in sources if source.to_check(waiting))


def run(mailing: Mailing, *, until: float) -> bool:
    """Check in portions until all are checked or the clock (`time.monotonic`) reaches `until`;
    return whether sending may begin."""
    now = timezone.now()
    mine = Mailing.objects.sending().filter(pk=mailing.pk)
    if not mine.filter(has_passed("checking_until", now)).update(checking_until=now + _LEASE):
        return False
    try:
        due = _waiting(mailing).due(now)
        for source in sources:
            asked = source.to_check(due.values("contact"))
            for some in batched(asked, source.at_once):
                if time.monotonic() >= until:
                    return False
                answered = source.refresh(some)
                if not mine.update(checking_until=timezone.now() + _LEASE):
                    return False
                if not answered:
                    break
        for source in sources:
            # Recipients waiting for a check are not due any more.
            unasked = {row.contact_id for row in source.to_check(due.values("contact"))}
            _postpone(mailing, unasked, source.label)
        mine.update(checked_at=timezone.now())
    finally:
        Mailing.objects.filter(pk=mailing.pk).update(checking_until=None)
    return True


def _waiting(mailing: Mailing) -> RecipientQuerySet:
    """Return who may have to be checked: after the first round, only those whose check was
    postponed."""
    rows = mailing.recipients.waiting()
    if mailing.checked_at is not None and timezone.now() < mailing.checked_at + FRESH:
        rows = rows.filter(next_try_at__isnull=False)
    return rows


def _postpone(mailing: Mailing, contact_ids: set[int], where: str) -> None:
    """Postpone those who could not be checked, or leave them out."""
    now = timezone.now()
    rows = mailing.recipients.waiting().filter(contact__in=contact_ids)
    params = {"where": where}
    if mailing.started_at is None or now < mailing.started_at + DEADLINE:
        rows.update(next_try_at=now + _PAUSE, reason_code=Reason.UNCHECKED, reason_params=params)
    else:
        rows.update(
            state=Recipient.State.SKIPPED, reason_code=Reason.NEVER_CHECKED, reason_params=params
        )
