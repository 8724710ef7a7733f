"""Working through many of something, a few at a time."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batched(items: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    """Yield `items` in tuples of at most `size`."""
    left = iter(items)
    while some := tuple(islice(left, size)):
        yield some
