"""Read details of registrants: one call each, several in parallel, each at most once."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from core.rate_limit import RateLimitTimeout
from platforms.contract import Client
from platforms.errors import NotFound, PlatformError
from platforms.records import RegistrantDetails

# How many new people are read before they are written: no more is lost if the process is killed.
CHUNK = 50
# One unreadable response concerns one person; this many in a row concern the platform itself.
_TOO_MANY = 3


@dataclass(slots=True)
class Details:
    """The details by registrant key, and those that could not be read.

    `unasked` are those for which there was no time or no low-priority call left.
    """

    found: dict[str, RegistrantDetails] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    failed: dict[str, PlatformError] = field(default_factory=dict)
    unasked: set[str] = field(default_factory=set)
    # Set when further requests are pointless.
    stop: PlatformError | None = None

    @property
    def unread(self) -> set[str]:
        return self.gone | set(self.failed) | self.unasked


def read_details(
    client: Client, webinar_key: str, keys: Sequence[str], *, until: float | None = None
) -> Details:
    """Read the details of registrants; those that fail are reported, none is dropped.

    No request is made after `until`, a time of the monotonic clock, nor once `client` gets no turn.
    """
    details = Details()
    in_a_row = 0
    rate_limit_timeout = threading.Event()

    def ask(key: str) -> RegistrantDetails | PlatformError | None:
        if rate_limit_timeout.is_set() or (until is not None and time.monotonic() >= until):
            return None
        try:
            return client.registrant(webinar_key, key)
        except PlatformError as error:
            return error
        except RateLimitTimeout:
            rate_limit_timeout.set()
            return None

    with ThreadPoolExecutor(max(1, client.limits.parallel_calls)) as pool:
        for key, answer in zip(keys, pool.map(ask, keys), strict=True):
            if answer is None:
                details.unasked.add(key)
            elif isinstance(answer, RegistrantDetails):
                details.found[key] = answer
                in_a_row = 0
            elif isinstance(answer, NotFound):
                details.gone.add(key)
            else:
                details.failed[key] = answer
                in_a_row += 1
                if in_a_row >= _TOO_MANY:
                    details.stop = answer
    return details
