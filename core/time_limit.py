"""Limit how long the database works on data that a page can do without."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

# SQLite checks the clock each time it has done this many steps, every few milliseconds.
_STEPS = 100_000


@contextmanager
def time_limit(seconds: int) -> Iterator[None]:
    """End a statement inside the block, which only reads, with a DatabaseError after `seconds`."""
    if connection.vendor == "postgresql":
        # The setting ends with this transaction, or with the one around it.
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            [before] = cursor.fetchone()
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{seconds}s"])
            yield
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [before])
        return
    connection.ensure_connection()
    end = time.monotonic() + seconds
    connection.connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
    try:
        yield
    finally:
        connection.connection.set_progress_handler(None, 0)
