"""Writing much without anybody else having to wait for it."""

import time

from django.db import connection

# Lines of a file that are written in one transaction: it takes a fraction of a second.
PORTION = 150
# Writers of SQLite look every 0.1 s whether it is their turn.
_PAUSE_SECONDS = 0.11


def let_others_write() -> None:
    """Pause between two transactions: SQLite has one writer at a time, and no queue of them."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        time.sleep(_PAUSE_SECONDS)
