"""Read pages one ahead while the caller processes the one before."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from platforms.gotowebinar.rows import Rows

T = TypeVar("T")
# The rows of a page, and whether another page follows.
Page = tuple[Rows[T], bool]


def pages(fetch: Callable[[int], Page[T]]) -> Iterator[Rows[T]]:
    """Yield the records of page 0, 1, 2 … until `fetch` reports the last one.

    At most two pages are in memory. An error is raised after all pages before it were yielded. It
    ends at an empty page, and at a page that repeats the one before: a server that miscounts must
    not cause an endless loop.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="page-ahead") as pool:
        number = 0
        records, more = fetch(number)
        before: Rows[T] = Rows()
        # A page whose rows were all skipped is not the end.
        while records.listed and (not records or records != before):
            number += 1
            following = pool.submit(fetch, number) if more else None
            try:
                yield records
            except GeneratorExit:
                if following is not None:
                    following.cancel()
                raise
            if following is None:
                return
            before = records
            records, more = following.result()
