"""The registrants' keys that a run has seen, in eight bytes each."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable

_TOO_LARGE = 2**64


class SeenKeys:
    """A set of registrants' keys that only grows, with little memory for large webinars.

    The platform's keys are 64-bit numbers, sent as numbers or text; other keys are stored as text.
    """

    def __init__(self) -> None:
        # Sorted arrays, the longest first; each is at most half as long as the one before it, so
        # that there are few to search.
        self._runs: list[array[int]] = []
        self._others: set[str] = set()

    def update(self, keys: Iterable[str]) -> None:
        """Add a page of `keys`."""
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
        """The number of keys; one that was seen on two pages counts twice."""
        return sum(map(len, self._runs)) + len(self._others)

    def __contains__(self, key: str) -> bool:
        number = _number(key)
        if number is None:
            return key in self._others
        for run in self._runs:
            at = bisect_left(run, number)
            if at < len(run) and run[at] == number:
                return True
        return False


def _number(key: str) -> int | None:
    """Return the number that `key` is the only way of writing, if it fits into eight bytes."""
    # Other digits, and leading zeros, make other keys.
    if not (key.isascii() and key.isdecimal()) or (key[0] == "0" and key != "0"):
        return None
    number = int(key)
    return number if number < _TOO_LARGE else None
