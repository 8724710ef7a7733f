"""Limit how many emails a minute go to the mail server, for all mailings and workers together.

One row of the database has the next free moment, which is compared with the database's clock. This
module does not wait: callers are told how long to wait, so that a worker does other work if that is
long.
"""

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now

from core.models import CallBudget

_NAME = "mails"
# The longest time in seconds between reading the clock and taking the turn: a process that waits
# for another in between finds a moment slightly more than one step ahead.
_APART = 5.0


def seconds_between() -> float:
    """Return the seconds between two emails; 0 without a limit."""
    return 60 / settings.MAILS_PER_MINUTE if settings.MAILS_PER_MINUTE > 0 else 0.0


def seconds_left() -> float:
    """Return the seconds until the next turn, without taking it."""
    step = seconds_between()
    if not step:
        return 0.0
    next_at, now = _clock()
    return min(max(0.0, next_at - now), step)


def reserve_turn() -> float:
    """Take the turn for one email and return 0, or the seconds until the next turn."""
    step = seconds_between()
    if not step:
        return 0.0
    _next_at, now = _clock()
    # A moment further ahead than one step was set under a lower limit, or by another clock.
    free = Q(next_at__lte=now) | Q(next_at__gt=now + step + _APART)
    if CallBudget.objects.filter(free, name=_NAME).update(next_at=now + step):
        return 0.0
    # Never 0, which means that the turn is ours.
    return max(seconds_left(), 0.001)


def _clock() -> tuple[float, float]:
    """Return the next free moment and the present time, in seconds since 1970."""
    rows = CallBudget.objects.filter(name=_NAME).annotate(now=Now())
    row = rows.values_list("next_at", "now").first()
    if row is None:
        CallBudget.objects.get_or_create(name=_NAME)
        row = rows.values_list("next_at", "now").get()
    return row[0], row[1].timestamp()
