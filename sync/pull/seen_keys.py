"""The registrants' keys that a run has met, remembered in eight bytes each."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable

_TOO_LARGE = 2**64


class SeenKeys:
    """A set of registrants' keys that only grows. Webinars are large, and memory is not.

    The platform's keys are 64-bit numbers, sent as numbers or text; what else comes is kept as it
    is.
    """

    def __init__(self) -> None:
        # Each in order, the longest first; one is never longer than half of the one before it, so
        # that there are few to look into.
        self._runs: list[array[int]] = []
        self._others: set[str] = set()

    def update(self, keys: Iterable[str]) -> None:
        """Remember a page of `keys`."""
        numbers = []
        for key in keys:
            number = _number(key)
            if number is None:
                self._others.add(key)
            else:
                numbers.append(number)
        run = array("Q", sorted(numbers))
        while self._runs and len(self._runs[-1]) < 2 * len(run):
            run = array("Q", sorted(self._runs.pop() + run))
        self._runs.append(run)

    def __len__(self) -> int:
        """How many keys were met; one that was met on two pages counts twice."""
        return sum(map(len, self._runs)) + len(self._others)

    def __contains__(self, key: str) -> bool:
        number = _number(key)
        if number is None:
            return key in self._others
        return any(_holds(run, number) for run in self._runs)


def _holds(run: "array[int]", number: int) -> bool:
    at = bisect_left(run, number)
    return at < len(run) and run[at] == number


def _number(key: str) -> int | None:
    """Return the number that `key` is the one way of writing, if it fits into eight bytes."""
    # Other digits than these, and zeros before them, are other keys.
    if not (key.isascii() and key.isdecimal()) or (key[0] == "0" and key != "0"):
        return None
    number = int(key)
    return number if number < _TOO_LARGE else None
