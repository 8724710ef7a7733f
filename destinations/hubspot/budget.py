"""The rate limits of a portal: shared by all processes, and learned from HubSpot's responses.

HubSpot limits the calls in ten seconds for each credential, and in a day for all integrations of
the portal; the day ends at midnight in the portal's time zone. A tenth of the day is left to other
integrations.
"""

import datetime as dt
import time
from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone

from core.rate_limit.database import Priority, SharedRateLimiter
from destinations.hubspot.errors import Delayed, RateLimited
from destinations.models import Portal

# The prefix of the keys by which calls to HubSpot are counted.
HUBSPOT_CALLS = "hubspot:"
# The share of the day's calls for other integrations.
LEFT_TO_OTHERS = 10
# How long a call waits for its turn if HubSpot asked for a pause; a longer pause is an error.
WAIT_AT_MOST_SECONDS = 12.0
# The row is not written with every call.
_NOTED_EVERY_SECONDS = 5.0
_COLUMNS = (
    "calls_per_10_s", "daily_limit", "daily_remaining", "daily_read_at", "blocked_until",
    "time_zone",
)  # fmt: skip


class Budget:
    """The calls of a portal with `priority`; one for each client.

    Without `leave_to_others` it may use the last tenth of a day.
    """

    def __init__(
        self,
        portal_pk: int,
        priority: Priority = Priority.SCHEDULED,
        *,
        leave_to_others: bool = True,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._pk = portal_pk
        self._priority = priority
        self._leave_to_others = leave_to_others
        self._sleep = sleep
        self._noted_at: float | None = None
        self._noted_most: int | None = None

    def acquire(self) -> None:
        """Wait until one more call may be made.

        Raises RateLimited if that is later than WAIT_AT_MOST_SECONDS from now.
        """
        portal = Portal.objects.only(*_COLUMNS).get(pk=self._pk)
        now = timezone.now()
        if portal.blocked_until and portal.blocked_until > now:
            pause = (portal.blocked_until - now).total_seconds()
            if pause > WAIT_AT_MOST_SECONDS:
                policy = "DAILY" if is_day_used_up(portal, now) else "BLOCKED"
                raise RateLimited(policy, retry_after=pause)
            self._sleep(pause)
        elif self._leave_to_others and is_day_used_up(portal, now):
            raise RateLimited("DAILY", retry_after=seconds_until_midnight(portal, now))
        self._limiter(portal).acquire()

    def _limiter(self, portal: Portal) -> SharedRateLimiter:
        return SharedRateLimiter(
            f"{HUBSPOT_CALLS}{self._pk}",
            portal.calls_per_10_s / 10,
            self._priority,
            counted_for=call_key(portal),
            sleep=self._sleep,
        )

    def read_limits(self, headers: Mapping[str, str]) -> None:
        """Save the limits from the headers of a response."""
        most = _number(headers, "x-hubspot-ratelimit-max")
        if _number(headers, "x-hubspot-ratelimit-interval-milliseconds") not in (None, 10_000):
            most = None
        limit = _number(headers, "x-hubspot-ratelimit-daily")
        left = _number(headers, "x-hubspot-ratelimit-daily-remaining")
        scarce = limit is not None and left is not None and left < limit / LEFT_TO_OTHERS * 1.5
        recent = (
            self._noted_at is not None and time.monotonic() - self._noted_at < _NOTED_EVERY_SECONDS
        )
        if recent and most in (None, self._noted_most) and not scarce:
            return
        values: dict[str, object] = {}
        if most:
            values["calls_per_10_s"] = most
        if limit and left is not None:
            values |= {"daily_limit": limit, "daily_remaining": left}
            values["daily_read_at"] = timezone.now()
        if values:
            Portal.objects.filter(pk=self._pk).update(**values)
        self._noted_at, self._noted_most = time.monotonic(), most

    def block(self, error: Delayed) -> None:
        """Block all calls until HubSpot accepts calls again."""
        now = timezone.now()
        pause = error.retry_after
        row = Portal.objects.filter(pk=self._pk)
        if isinstance(error, RateLimited) and error.policy == "DAILY":
            portal = row.only(*_COLUMNS).get()
            error.retry_after = pause = seconds_until_midnight(portal, now)
            row.update(daily_remaining=0, daily_read_at=now, daily_limit=_limit_of(portal))
        until = now + dt.timedelta(seconds=pause)
        row.filter(Q(blocked_until__isnull=True) | Q(blocked_until__lt=until)).update(
            blocked_until=until
        )


def call_key(portal: Portal) -> str:
    """Return the key by which the calls of `portal` are counted (core.rate_limit)."""
    return f"{HUBSPOT_CALLS}{portal.pk}"


def is_day_used_up(portal: Portal, now: dt.datetime) -> bool:
    """Return whether today's calls are used up, except for the tenth left to others."""
    if not portal.daily_limit or portal.daily_remaining is None or portal.daily_read_at is None:
        return False
    if _day(portal, portal.daily_read_at) != _day(portal, now):
        return False
    return portal.daily_remaining <= portal.daily_limit // LEFT_TO_OTHERS


def seconds_until_midnight(portal: Portal, now: dt.datetime) -> float:
    """Return the seconds until the end of the portal's day."""
    zone = _zone(portal)
    tomorrow = _day(portal, now) + dt.timedelta(days=1)
    return (dt.datetime.combine(tomorrow, dt.time(), zone) - now).total_seconds()


def _limit_of(portal: Portal) -> int:
    # The limit of the smallest account, until a response has reported another.
    return portal.daily_limit or 250_000


def _day(portal: Portal, at: dt.datetime) -> dt.date:
    return at.astimezone(_zone(portal)).date()


def _zone(portal: Portal) -> dt.tzinfo:
    try:
        return ZoneInfo(portal.time_zone) if portal.time_zone else dt.UTC
    except (KeyError, ValueError, OSError):
        return dt.UTC


def _number(headers: Mapping[str, str], name: str) -> int | None:
    text = headers.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
