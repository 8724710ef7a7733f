"""Database connections in helper threads."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def database_in_thread() -> Iterator[None]:
    """Close the connection that a helper thread opens inside the block."""
    try:
        yield
    finally:
        if threading.current_thread() is not threading.main_thread() and not (
            connection.in_atomic_block
        ):
            connection.close()
