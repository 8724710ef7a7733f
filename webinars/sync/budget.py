"""One budget of calls to GoTo for every process of an installation.

GoTo allows 10 calls a second to a client (docs/gotowebinar.md). Turns are handed out by one row:
each call moves the row's clock on by its share of a second, and waits for the moment it got.
"""

import time
from collections.abc import Callable

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest

from webinars.models import CallBudget
from webinars.sync.threads import database_in_thread

# Calls do not travel equally long. Spaced exactly, ten of them arrive within a little less than a
# second now and then, and the eleventh is refused, which costs more than this share of a turn.
_MARGIN = 1.03


class SharedBudget:
    """Hands out turns for calls; `per_second` 0 means that there is no limit."""

    def __init__(
        self,
        name: str,
        per_second: float,
        *,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._name = name[:64]
        self._step = _MARGIN / per_second if per_second > 0 else 0.0
        self._now = now
        self._sleep = sleep

    def wait_turn(self) -> None:
        """Return when one more call may be made."""
        if not self._step:
            return
        with database_in_thread():
            at = self._take()
        delay = at - self._now()
        if delay > 0:
            self._sleep(delay)

    def _take(self) -> float:
        """Take the next free moment, in seconds since 1970, and move the clock behind it."""
        row = CallBudget.objects.filter(name=self._name)
        with transaction.atomic():
            taken = row.update(next_at=Greatest(F("next_at"), Value(self._now())) + self._step)
            if not taken:
                CallBudget.objects.get_or_create(name=self._name)
                row.update(next_at=Greatest(F("next_at"), Value(self._now())) + self._step)
            return row.values_list("next_at", flat=True).get() - self._step
