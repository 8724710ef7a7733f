"""Counting calls by method and path template, and the calls a second that GoTo allows."""

from __future__ import annotations

import time
from collections import Counter, deque

from .api import V2

WINDOW = 1.0
_KEY_NAMES = {
    "organizers": "{organizerKey}",
    "accounts": "{accountKey}",
    "webinars": "{webinarKey}",
    "registrants": "{registrantKey}",
    "sessions": "{sessionKey}",
    "attendees": "{registrantKey}",
    "coorganizers": "{coorganizerKey}",
    "panelists": "{panelistKey}",
    "webhooks": "{webhookKey}",
}


def template(path: str) -> str:
    """Return a path with its keys replaced by the contract's names, without the API's base.

    ``/G2W/rest/v2/organizers/12/webinars`` becomes ``/organizers/{organizerKey}/webinars``.
    """
    parts = path.removeprefix(V2).split("/")
    for at in range(1, len(parts)):
        if parts[at].isdigit():
            parts[at] = _KEY_NAMES.get(parts[at - 1], "{key}")
    return "/".join(parts)


class Calls:
    """Counts since the start or the last reset. Sign-in calls (/oauth/) are counted by path, but
    not in the total and the busiest second, which are the API's."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Reset the counters."""
        self.by_path: Counter[str] = Counter()
        self.by_status: Counter[str] = Counter()
        self.total = 0
        self.most_in_a_second = 0
        self._recent: deque[float] = deque()

    def add(self, method: str, path: str) -> None:
        """Count an incoming call."""
        self.by_path[f"{method} {template(path)}"] += 1
        if path.startswith("/oauth/"):
            return
        self.total += 1
        now = time.monotonic()
        recent = self._recent
        recent.append(now)
        while recent[0] <= now - WINDOW:
            recent.popleft()
        self.most_in_a_second = max(self.most_in_a_second, len(recent))

    def summary(self) -> dict[str, object]:
        """Return ``{"total", "by_path", "by_status", "max_in_one_second"}``."""
        return {
            "total": self.total,
            "by_path": dict(self.by_path),
            "by_status": dict(self.by_status),
            "max_in_one_second": self.most_in_a_second,
        }


class RateLimit:
    """A limit of calls in any sliding second; ``most`` 0 allows any number."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._allowed: deque[float] = deque()

    def allows(self) -> bool:
        """Return whether a call is allowed now, and count it if so."""
        if not self.most:
            return True
        now = time.monotonic()
        allowed = self._allowed
        while allowed and allowed[0] <= now - WINDOW:
            allowed.popleft()
        if len(allowed) >= self.most:
            return False
        allowed.append(now)
        return True
