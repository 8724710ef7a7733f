"""The registrants' keys that a run has met, remembered in eight bytes each."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from heapq import merge

_TOO_LARGE = 2**64


class Seen:
    """A set of registrants' keys that only grows. Webinars are large, and memory is not.

    GoTo's keys are 64-bit numbers, sent as numbers or text; what else comes is kept as it is.
    """

    def __init__(self) -> None:
        # Each in order; merged into one when the first question is asked.
        self._pages: list[array[int]] = []
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
        self._pages.append(array("Q", sorted(numbers)))

    def __len__(self) -> int:
        """How many keys were met; one that was met on two pages counts twice."""
        return sum(map(len, self._pages)) + len(self._others)

    def __contains__(self, key: str) -> bool:
        number = _number(key)
        if number is None:
            return key in self._others
        if len(self._pages) != 1:
            self._pages = [array("Q", merge(*self._pages))]
        (numbers,) = self._pages
        at = bisect_left(numbers, number)
        return at < len(numbers) and numbers[at] == number


def _number(key: str) -> int | None:
    """Return the number that `key` is the one way of writing, if it fits into eight bytes."""
    # Other digits than these, and zeros before them, are other keys.
    if not (key.isascii() and key.isdecimal()) or (key[0] == "0" and key != "0"):
        return None
    number = int(key)
    return number if number < _TOO_LARGE else None
