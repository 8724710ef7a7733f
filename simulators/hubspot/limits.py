"""The rate limits of a portal: per app in ten seconds, in total per day, and for searches."""

from __future__ import annotations

from collections import defaultdict, deque
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from . import errors
from .clock import Clock
from .tokens import Credential

TEN_SECONDS_MS, SECOND_MS = 10_000, 1_000
A_DAY, SEARCHES_A_SECOND = 250_000, 5


class Limits:
    """Rolling windows of the portal's clock. A limit of 0 allows any number."""

    def __init__(self, clock: Clock, most: int) -> None:
        self.clock = clock
        self.reset(most)

    def reset(self, most: int, time_zone: str = "America/New_York") -> None:
        """Reset all calls; `most` in ten seconds of each app."""
        self.most, self.a_day, self.searches = most, A_DAY, SEARCHES_A_SECOND
        self.retry_after = ""
        self.time_zone = time_zone
        self._calls: dict[int, deque[int]] = defaultdict(deque)
        self._searches: deque[int] = deque()
        self._day = ""
        self._today = 0

    def take(self, credential: Credential, *, search: bool) -> dict[str, str]:
        """Count a call and return the rate limit headers.

        Searches have a separate limit and no headers (documented). Raises Refusal (429).
        """
        now = self.clock.now()
        self._begin_day(now)
        if self.a_day and self._today >= self.a_day:
            raise self._refused("DAILY", credential, search)
        if search:
            if self.searches and _room(self._searches, now, SECOND_MS, self.searches) <= 0:
                raise self._refused("SECONDLY", credential, search)
            self._searches.append(now)
        else:
            calls = self._calls[credential.app_id]
            if self.most and _room(calls, now, TEN_SECONDS_MS, self.most) <= 0:
                raise self._refused("TEN_SECONDLY_ROLLING", credential, search)
            if self.most:
                calls.append(now)
        self._today += 1
        return self._headers(credential, search)

    def _refused(self, policy: str, credential: Credential, search: bool) -> errors.Refusal:
        refusal = errors.over_limit(policy, self.retry_after)
        refusal.headers |= self._headers(credential, search)
        return refusal

    def _headers(self, credential: Credential, search: bool) -> dict[str, str]:
        if search:
            return {}
        headers = {}
        if self.most:
            left = self.most - len(self._calls[credential.app_id])
            headers = {
                "X-HubSpot-RateLimit-Max": str(self.most),
                "X-HubSpot-RateLimit-Remaining": str(max(0, left)),
                "X-HubSpot-RateLimit-Interval-Milliseconds": str(TEN_SECONDS_MS),
            }
        # OAuth apps get no daily headers (documented).
        if self.a_day and credential.kind != "oauth":
            headers |= {
                "X-HubSpot-RateLimit-Daily": str(self.a_day),
                "X-HubSpot-RateLimit-Daily-Remaining": str(max(0, self.a_day - self._today)),
            }
        return headers

    def _begin_day(self, now: int) -> None:
        """Reset the counters after midnight of the portal's time zone."""
        zone = ZoneInfo(self.time_zone)
        day = datetime.fromtimestamp(now / 1000, UTC).astimezone(zone).date().isoformat()
        if day != self._day:
            self._day, self._today = day, 0

    def summary(self) -> dict[str, int]:
        """Return the current limits."""
        return {"limit": self.most, "daily": self.a_day, "search": self.searches}


def _room(calls: deque[int], now: int, window: int, most: int) -> int:
    while calls and calls[0] <= now - window:
        calls.popleft()
    return most - len(calls)
