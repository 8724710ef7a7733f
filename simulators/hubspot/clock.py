"""The portal's clock, which control calls move or stop, and times in HubSpot's format."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class Clock:
    """Milliseconds since 1970, from the real clock unless moved or stopped."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Follow the real clock again."""
        self._offset = 0.0
        self._stopped: float | None = None

    def now(self) -> int:
        """Return the portal's time in milliseconds."""
        base = time.time() if self._stopped is None else self._stopped
        return int((base + self._offset) * 1000)

    def move(self, seconds: float) -> None:
        """Move the clock forward by this much."""
        self._offset += seconds

    def stop(self, at: float | None = None) -> None:
        """Stop the clock, at seconds since 1970 or at the present time."""
        if at is not None:
            self._offset = 0.0
        self._stopped = time.time() if at is None else at

    def go_on(self) -> None:
        """Resume from where the clock was stopped."""
        if self._stopped is not None:
            self._offset += self._stopped - time.time()
            self._stopped = None


def iso(milliseconds: int) -> str:
    """Return ``2026-11-25T09:30:00.123Z``."""
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{milliseconds % 1000:03d}Z"


def parse_iso(text: object) -> int:
    """Return the milliseconds of an ISO 8601 time; one without zone is UTC.

    Raises ValueError for anything else.
    """
    if not isinstance(text, str):
        raise ValueError(f"{text} is no ISO 8601 time")
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)
