"""When to try again: exponential back-off with full jitter, and a cap on the total wait.

GoTo promises no Retry-After and no quota headers (docs/gotowebinar.md), so the back-off is blind;
where a Retry-After does come, it is honoured.
"""

from collections.abc import Callable
from time import monotonic, sleep
from typing import TypeVar

from platforms.contract import RetryPolicy
from platforms.errors import AlreadyRegistered, RateLimited, ServerError, Unreadable

T = TypeVar("T")


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
