"""Asking other systems who of a mailing's recipients opted out there, before they are written to.

The platform is one of them; packages above register theirs. All recipients are asked for once, a
portion after the other. Who could not be asked for waits, and is asked for again each minute; after
an hour they are left out, with the reason in their row. Killed anywhere, it goes on with those who
were not asked for yet.
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

# So long people who cannot be asked for are asked for again, with a pause in between.
DEADLINE = dt.timedelta(hours=1)
_PAUSE = dt.timedelta(minutes=1)
# A worker holds a mailing for longer than a portion takes; a dead one loses it by the clock.
_LEASE = dt.timedelta(minutes=2)


class Asked(Protocol):
    """Something that a system is to be asked about one contact."""

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
        """Return what is to be asked about those of the contacts who were not asked for within a
        day (`Asked`)."""

    def refresh(self, asked: Sequence[Any]) -> bool:
        """Ask, and keep who opted out; return whether it makes sense to go on with others now.
        `to_check` names again who could not be asked for."""


class _Platform:
    """The platform, which tells opt-outs in the details of registrants."""

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
    """Return how many people are still to be asked for."""
    waiting = _waiting(mailing).values("contact")
    return len({row.contact_id for source in sources for row in source.to_check(waiting)})


def labels(mailing: Mailing) -> str:
    """Return the names of the systems that are still to be asked."""
    waiting = _waiting(mailing).values("contact")
    return ", ".join(source.label for source in sources if source.to_check(waiting))


def run(mailing: Mailing, *, until: float) -> bool:
    """Ask for a portion after the other until all were asked for or the clock (`time.monotonic`)
    says `until`; return whether sending may begin."""
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
            # Who waits for one is not due any more.
            unasked = {row.contact_id for row in source.to_check(due.values("contact"))}
            _postpone(mailing, unasked, source.label)
        mine.update(checked_at=timezone.now())
    finally:
        Mailing.objects.filter(pk=mailing.pk).update(checking_until=None)
    return True


def _waiting(mailing: Mailing) -> RecipientQuerySet:
    """Return who waits and may have to be asked for: after the first round, those alone whose try
    was postponed."""
    rows = mailing.recipients.waiting()
    if mailing.checked_at is not None and timezone.now() < mailing.checked_at + FRESH:
        rows = rows.filter(next_try_at__isnull=False)
    return rows


def _postpone(mailing: Mailing, contact_ids: set[int], where: str) -> None:
    """Let people who could not be asked for wait for another try, or leave them out."""
    now = timezone.now()
    rows = mailing.recipients.waiting().filter(contact__in=contact_ids)
    params = {"where": where}
    if mailing.started_at is None or now < mailing.started_at + DEADLINE:
        rows.update(next_try_at=now + _PAUSE, reason_code=Reason.UNCHECKED, reason_params=params)
    else:
        rows.update(
            state=Recipient.State.SKIPPED, reason_code=Reason.NEVER_CHECKED, reason_params=params
        )
