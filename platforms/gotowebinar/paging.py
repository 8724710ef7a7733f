"""Pages as they come, one read ahead while the caller works on the one before."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from platforms.gotowebinar.rows import Rows

T = TypeVar("T")
# The rows of a page, and whether there is another after it.
Page = tuple[Rows[T], bool]


def pages(fetch: Callable[[int], Page[T]]) -> Iterator[Rows[T]]:
    """Yield the records of page 0, 1, 2 … until `fetch` says that there is no more.

    At most two pages are held, so memory does not grow with a webinar. An error of a page is
    raised after all pages before it were yielded. Ends at an empty page, and where a page repeats
    the one before: a server that miscounts must not make an endless loop.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="page-ahead") as pool:
        number = 0
        records, more = fetch(number)
        before: Rows[T] = Rows()
        # A page of rows that were all skipped is no end: it is like no other.
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
