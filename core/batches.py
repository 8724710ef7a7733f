"""Process many items in batches."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield `items` in order, in lists of at most `size`."""
    left = iter(items)
    while batch := list(islice(left, size)):
        yield batch
