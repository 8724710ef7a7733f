"""How much a database reads for an answer, independent of the machine."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

# SQLite calls back after this many steps; reading one row takes a few.
_STEPS = 10


class Read:
    """The reads inside the block: rows on PostgreSQL, within a transaction; on SQLite steps, of
    which each row takes one or more."""

    count = 0


@contextmanager
def counting(table: str = "%", steps: int = _STEPS) -> Iterator[Read]:
    """Count the reads of the statements inside: only of `table` on PostgreSQL, if one is named; on
    SQLite this many `steps` at a time."""
    read = Read()
    connection.ensure_connection()
    if connection.vendor == "sqlite":

        def step() -> int:
            read.count += steps
            return 0

        connection.connection.set_progress_handler(step, steps)
        try:
            yield read
        finally:
            connection.connection.set_progress_handler(None, 0)
        return
    before = _rows(table)
    yield read
    read.count = _rows(table) - before


def _rows(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables "
            "WHERE relname LIKE %s",
            [table],
        )
        return int(cursor.fetchone()[0])
