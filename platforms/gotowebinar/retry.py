"""When to try again: exponential back-off with full jitter, and a cap on the total wait.

GoTo promises no Retry-After and no quota headers (docs/gotowebinar.md), so the back-off is blind;
where a Retry-After does come, it is honoured.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic, sleep
from typing import TypeVar

from platforms.errors import AlreadyRegistered, RateLimited, ServerError, Unreadable

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long to go on, in seconds: a first wait, the longest wait, and everything together, the
    calls that failed included: each may take as long as its time-out."""

    base: float = 0.5
    cap: float = 20.0
    total: float = 150.0

    def wait(self, attempt: int, retry_after: float | None) -> float:
        """Return how long to wait after failed attempt number `attempt` (from 0)."""
        if retry_after is not None:
            return retry_after
        return random.uniform(0, min(self.cap, self.base * 2 ** min(attempt, 16)))


def with_retry(once: Callable[[], T], retry_policy: RetryPolicy, *, unreadable_tries: int = 1) -> T:
    """Return what `once` returns, trying again where GoTo is slow, broken or away.

    Answers of good shape are never asked for twice, one that cannot be read `unreadable_tries`
    times in all. Raises the last error when the patience is
    used up, or would be by the wait that GoTo asks for. AlreadyRegistered tells whether a try whose
    answer got lost may have brought that about.
    """
    spent, attempt, lost = 0.0, 0, False
    while True:
        began = monotonic()
        try:
            return once()
        except AlreadyRegistered as error:
            error.repeated = lost
            raise
        except (RateLimited, ServerError) as error:
            lost = lost or isinstance(error, ServerError)
            if isinstance(error, Unreadable):
                unreadable_tries -= 1
                if unreadable_tries <= 0:
                    raise
            elif isinstance(error, ServerError) and (error.status or 500) < 500:
                raise
            delay = retry_policy.wait(attempt, error.retry_after)
            spent += monotonic() - began + delay
            if spent > retry_policy.total or attempt >= _MOST:
                raise
            sleep(delay)
            attempt += 1


# Full jitter can draw many short waits: an end in numbers too.
_MOST = 8
