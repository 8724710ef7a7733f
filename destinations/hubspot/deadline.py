"""How long someone at a form waits for HubSpot."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Self, TypeVar

from destinations.hubspot.errors import NoAnswerInTime, RateLimited

# The time-outs of a call (`transport.TIMEOUT`) apply to each address of a host and to each call: a
# form that waited for those of a dead host could wait for minutes.
PERSON_WAITS_SECONDS = 10.0
T = TypeVar("T")


class Deadline:
    """All calls for one form together take at most `seconds`."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._ends = time.monotonic() + seconds

    @classmethod
    def of_form(cls) -> Self:
        """Return the deadline of someone who waits at a form from now on."""
        return cls(PERSON_WAITS_SECONDS)

    def run(self, call: Callable[[], T]) -> T:
        """Return the result of `call`, which must not use the database. Raises NoAnswerInTime; the
        call is then left to its own time-outs, in a thread."""
        result: Future[T] = Future()

        def work() -> None:
            try:
                result.set_result(call())
            except Exception as error:
                result.set_exception(error)

        threading.Thread(target=work, name="hubspot-call", daemon=True).start()
        try:
            return result.result(timeout=self._left())
        except TimeoutError:
            raise NoAnswerInTime(self._seconds) from None

    def sleep(self, seconds: float) -> None:
        """Wait for a turn. Raises RateLimited at once if that would be too late."""
        if seconds > self._left():
            raise RateLimited("BLOCKED", retry_after=seconds)
        time.sleep(seconds)

    def _left(self) -> float:
        return max(0.0, self._ends - time.monotonic())
