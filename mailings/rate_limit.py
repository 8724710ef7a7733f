"""How many emails a minute go to the mail server, all mailings and workers together.

The next free moment is in one row of the database and is compared with the database's clock.
No one waits here: who gets no turn is told how long there is none, so that a worker goes on with
other work where that is long.
"""

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now

from core.models import CallBudget

_NAME = "mails"
# So many seconds lie at most between asking for the time and taking the turn: whoever waits in the
# meantime for another to take it finds a moment that lies a little further ahead than one step.
_APART = 5.0


def seconds_between() -> float:
    """Return how many seconds lie between two emails; 0 where there is no limit."""
    return 60 / settings.MAILS_PER_MINUTE if settings.MAILS_PER_MINUTE > 0 else 0.0


def seconds_left() -> float:
    """Return how many seconds there is no turn; takes none."""
    step = seconds_between()
    if not step:
        return 0.0
    next_at, now = _clock()
    return min(max(0.0, next_at - now), step)


def reserve_turn() -> float:
    """Take the turn for one email and return 0, or how many seconds there is none."""
    step = seconds_between()
    if not step:
        return 0.0
    _next_at, now = _clock()
    # A moment further away than one step was set under a lower limit, or by another clock.
    free = Q(next_at__lte=now) | Q(next_at__gt=now + step + _APART)
    if CallBudget.objects.filter(free, name=_NAME).update(next_at=now + step):
        return 0.0
    # Never 0, which means that the turn is ours.
    return max(seconds_left(), 0.001)


def _clock() -> tuple[float, float]:
    """Return the next free moment and the time it is, in seconds since 1970."""
    rows = CallBudget.objects.filter(name=_NAME).annotate(now=Now())
    row = rows.values_list("next_at", "now").first()
    if row is None:
        CallBudget.objects.get_or_create(name=_NAME)
        row = rows.values_list("next_at", "now").get()
    return row[0], row[1].timestamp()
