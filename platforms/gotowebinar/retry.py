"""Retry with exponential back-off, full jitter, and a limit for the total time.

GoTo documents neither Retry-After nor quota headers (docs/gotowebinar.md), so the back-off is
blind; a Retry-After that does come is honoured.
"""

from collections.abc import Callable
from time import monotonic, sleep
from typing import TypeVar

from platforms.contract import RetryPolicy
from platforms.errors import AlreadyRegistered, RateLimited, ServerError, Unreadable

T = TypeVar("T")


def with_retry(once: Callable[[], T], retry_policy: RetryPolicy, *, unreadable_tries: int = 1) -> T:
    """Return the result of `once`, retrying while GoTo is slow, failing or unreachable.

    Well-formed responses are not requested again; an unreadable one `unreadable_tries` times in
    total. Raises the last error when the policy's time is used up, or would be by the delay that
    GoTo asks for. AlreadyRegistered has whether an attempt whose response was lost may have
    registered the person.
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


# Full jitter can draw many short delays, so the number of attempts is limited too.
_MOST = 8
