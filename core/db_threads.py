"""The database from threads that make calls: their connections are theirs to close."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def database_in_thread() -> Iterator[None]:
    """Close, at the end, the connection that a helper thread opened for the work inside."""
    try:
        yield
    finally:
        if threading.current_thread() is not threading.main_thread() and not (
            connection.in_atomic_block
        ):
            connection.close()
