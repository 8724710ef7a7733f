"""Asking the platform who of a mailing's recipients opted out there, before they are written to.

All are asked for once, a portion after the other. Whose details could not be read waits, and is
asked for again each minute; after an hour they are left out, with the reason in their row. Killed
anywhere, it goes on with those who are not read yet.
"""

import datetime as dt
import time

from django.utils import timezone

from core.conditions import has_passed
from mailings.models import Mailing, Recipient
from mailings.models.mailing import RecipientQuerySet
from mailings.reasons import Reason
from sync.opt_out_check import FRESH, refresh, to_check

# So long the platform is asked for people whose details cannot be read, with a pause in between.
DEADLINE = dt.timedelta(hours=1)
_PAUSE = dt.timedelta(minutes=1)
# A worker holds a mailing for longer than a portion takes; a dead one loses it by the clock.
_LEASE = dt.timedelta(minutes=2)
_PORTION = 50


def left(mailing: Mailing) -> int:
    """Return how many people the platform is still to be asked for."""
    return len({row.contact_id for row in to_check(_waiting(mailing).values("contact"))})


def run(mailing: Mailing, *, until: float) -> bool:
    """Ask for a portion after the other until all were asked for or the clock (`time.monotonic`)
    says `until`; tell whether sending may begin."""
    now = timezone.now()
    mine = Mailing.objects.sending().filter(pk=mailing.pk)
    if not mine.filter(has_passed("checking_until", now)).update(checking_until=now + _LEASE):
        return False
    try:
        due = _waiting(mailing).due(now)
        asked = to_check(due.values("contact"))
        for start in range(0, len(asked), _PORTION):
            if time.monotonic() >= until:
                return False
            refresh(asked[start : start + _PORTION])
            if not mine.update(checking_until=timezone.now() + _LEASE):
                return False
        _postpone(mailing, {row.contact_id for row in to_check(due.values("contact"))})
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


def _postpone(mailing: Mailing, contact_ids: set[int]) -> None:
    """Let people whose details could not be read wait for another try, or leave them out."""
    now = timezone.now()
    rows = mailing.recipients.waiting().filter(contact__in=contact_ids)
    if mailing.started_at is None or now < mailing.started_at + DEADLINE:
        rows.update(next_try_at=now + _PAUSE, reason_code=Reason.UNCHECKED, reason_params={})
    else:
        rows.update(
            state=Recipient.State.SKIPPED, reason_code=Reason.NEVER_CHECKED, reason_params={}
        )
