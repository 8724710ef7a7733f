"""One rate limit for the platform calls of all processes of an installation, with priorities.

The platform allows 10 calls a second to a client (docs/gotowebinar.md). One row hands out turns:
each call moves the row's clock on by its share of a second, and waits for its moment. If
`CALL_BUDGET_URL` names a Redis, that hands out the turns (`redis_store`). Times are those of the
database or of Redis, so machines whose clocks differ share the limit.

Pushes of registrations go before webhooks, webhooks before manual syncs, manual syncs before
scheduled ones. A push takes the next free moment, however far ahead. Others may queue only a few
turns ahead, fewer with a lower priority, and otherwise try again later, so a push waits for at most
those few turns. No priority starves: once in `_SHARE` seconds each takes its turn as a push does.

The lowest priority uses only idle time: it takes a turn when none is queued and no other priority
had one for `_QUIET` seconds, however long that takes. A caller that would rather retry later sets a
maximum wait, and gets RateLimitTimeout.
"""

import enum
import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q, Sum, Value
from django.db.models.functions import Greatest

from core.db_threads import database_in_thread
from core.models import CallBudget, CallCount
from core.rate_limit import RateLimitTimeout
from core.redis_errors import is_redis_error

logger = logging.getLogger(__name__)
# Network delays vary. With exact spacing, ten calls sometimes arrive within a little less than a
# second, and the eleventh is refused, which costs more than this share of a turn.
_MARGIN = 1.03
# The length of a counting period in seconds.
COUNTED_BY = 60


class Priority(enum.Enum):
    """What a call is for: its name in the counts, and how many turns ahead it may queue."""

    INTERACTIVE = "interactive", None
    WEBHOOK = "webhook", 3
    MANUAL = "manual", 2
    SCHEDULED = "scheduled", 1
    BACKFILL = "backfill", 0

    def __init__(self, label: str, ahead: int | None) -> None:
        self.label = label
        self.ahead = ahead


# The longest time in seconds that a waiting priority goes without a turn.
_SHARE = {Priority.WEBHOOK: 0.5, Priority.MANUAL: 0.75, Priority.SCHEDULED: 1.0}
# How long no other priority may have had a turn before the lowest one takes one: a client that
# makes one call after another is still at work between two of them.
_QUIET = 0.5


class Turn(NamedTuple):
    """How many seconds to wait, whether the turn is ours after that, and, for the lowest priority,
    whether others are active."""

    wait: float
    mine: bool
    others: bool = False


class SharedRateLimiter:
    """Hands out turns for calls; `per_second` 0 means no limit and no counting.

    `counted_for` names whose calls they are; without it they are not counted. `wait_at_most` is for
    the lowest priority: how many seconds to wait while others are active before RateLimitTimeout is
    raised; None: without limit.
    """

    def __init__(
        self,
        name: str,
        per_second: float,
        priority: Priority = Priority.INTERACTIVE,
        *,
        counted_for: str = "",
        wait_at_most: float | None = None,
        now: Callable[[], float] | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._name = name[:64]
        self._step = _MARGIN / per_second if per_second > 0 else 0.0
        self._priority = priority
        self._counted_for = counted_for
        self._wait_at_most = wait_at_most
        self._clock = now
        # While this caller waits, its own clock is accurate enough.
        self._now = now or time.monotonic
        self._sleep = sleep
        self._asking = threading.Lock()

    def acquire(self) -> None:
        """Wait until one more call may be made. Threads that share this take turns.

        Raises RateLimitTimeout as soon as it is known that others leave no turn within
        `wait_at_most` seconds.
        """
        if not self._step:
            return
        with self._asking:
            kept_since: float | None = None
            while not (turn := self._try_acquire()).mine:
                # Turns queued by our own priority are waited for without limit.
                kept_since = (kept_since or self._now()) if turn.others else None
                if kept_since is not None and self._gives_up(kept_since, turn.wait):
                    raise RateLimitTimeout
                self._sleep(turn.wait)
        if turn.wait > 0:
            self._sleep(turn.wait)

    def _gives_up(self, kept_since: float, wait: float) -> bool:
        if self._wait_at_most is None:
            return False
        return self._now() + wait > kept_since + self._wait_at_most

    def _try_acquire(self) -> Turn:
        if settings.CALL_BUDGET_URL:
            try:
                mine, moment, busy_at, now = self._reserve_in_redis()
            except Exception as error:
                if not is_redis_error(error):
                    raise
                logger.warning("Redis has no turns for calls to GoTo; the database has them now")
            else:
                return Turn(moment - now, True) if mine else self._later(moment, busy_at, now)
        with database_in_thread():
            now = self._clock() if self._clock else _database_time()
            at = self._reserve(now)
            if at is not None:
                return Turn(at - now, True)
            row = CallBudget.objects.values_list("next_at", "busy_at").get(name=self._name)
            return self._later(*row, now)

    def _reserve_in_redis(self) -> tuple[bool, float, float, float]:
        from core.rate_limit import redis_store

        return redis_store.reserve(
            self._name,
            self._clock() if self._clock else None,
            self._step,
            self._priority.label,
            ahead=self._priority.ahead,
            share=_SHARE.get(self._priority, 0.0),
            quiet=_QUIET if self._priority is Priority.BACKFILL else None,
            counted_by=COUNTED_BY,
            counted_for=self._counted_for,
        )

    def _reserve(self, now: float) -> float | None:
        """Reserve a moment, in seconds since 1970, and move the clock behind it; None: not yet."""
        row = CallBudget.objects.filter(name=self._name)
        moment = Greatest(F("next_at"), Value(now))
        values: dict[str, Any] = {"next_at": moment + self._step}
        allowed = Q()
        if self._priority is Priority.BACKFILL:
            allowed = Q(next_at__lte=now, busy_at__lte=now - _QUIET)
        else:
            values["busy_at"] = moment
        if self._priority in _SHARE:
            column = f"{self._priority.label}_at"
            values[column] = Value(now)
            soon = Q(next_at__lte=now + (self._priority.ahead or 0) * self._step)
            allowed = soon | Q(**{f"{column}__lte": now - _SHARE[self._priority]})
        with transaction.atomic():
            taken = row.filter(allowed).update(**values)
            if not taken:
                _, made = CallBudget.objects.get_or_create(name=self._name)
                # A push fails here only if there was no row yet.
                if made or self._priority.ahead is None:
                    taken = row.filter(allowed).update(**values)
            if not taken:
                return None
            self._count(now)
            return row.values_list("next_at", flat=True).get() - self._step

    def _later(self, next_at: float, busy_at: float, now: float) -> Turn:
        """Return when this priority may take a turn, if `next_at` is the next free one and others
        have turns until `busy_at`; slightly randomized, because many wait."""
        soon = max(0.0, next_at - (self._priority.ahead or 0) * self._step - now)
        soon = min(soon, _SHARE.get(self._priority, soon))
        others = self._priority is Priority.BACKFILL and busy_at > now - _QUIET
        if others:
            soon = max(soon, busy_at + _QUIET - now)
        # Few wait at the lowest priority, so randomizing costs little.
        spread = self._step / (16 if self._priority is Priority.BACKFILL else 4)
        return Turn(soon + random.uniform(0, spread), False, others)

    def _count(self, now: float) -> None:
        if not self._counted_for:
            return
        which: dict[str, Any] = {
            "counted_for": self._counted_for,
            "minute": _minute(now),
            "priority": self._priority.label,
        }
        row = CallCount.objects.filter(**which)
        if not row.update(calls=F("calls") + 1):
            CallCount.objects.get_or_create(**which)
            row.update(calls=F("calls") + 1)


def calls_since(since: float) -> Counter[tuple[str, str]]:
    """Return the calls by what they are counted for and by priority, of the minutes that begin
    after `since`, in seconds since 1970."""
    found: Counter[tuple[str, str]] = Counter()
    rows = CallCount.objects.filter(minute__gt=since).order_by()
    for key, priority, calls in rows.values_list("counted_for", "priority").annotate(
        n=Sum("calls")
    ):
        found[key, priority] += calls
    if settings.CALL_BUDGET_URL:
        from core.rate_limit import redis_store

        try:
            first = _minute(since) + COUNTED_BY
            last = _minute(redis_store.time_there())
            found += redis_store.counted(range(first, last + 1, COUNTED_BY))
        except Exception as error:
            if not is_redis_error(error):
                raise
            logger.warning("Redis does not tell how many calls were made")
    return found


def _database_time() -> float:
    """Return the database's time in seconds since 1970."""
    if connection.vendor != "postgresql":
        # SQLite is a file of this machine and has no other clock.
        return time.time()
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
        return float(cursor.fetchone()[0])


def _minute(now: float) -> int:
    """Return the beginning of the minute of `now`."""
    return int(now // COUNTED_BY) * COUNTED_BY
