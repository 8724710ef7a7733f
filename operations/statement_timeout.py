"""Limit how long a page may keep PostgreSQL busy with one statement.

A statement can go wrong: if PostgreSQL analyzed a table before its rows were committed, it plans as
if there were none, and runs for hours after the client has left. Workers have no limit: this is for
the web only.
"""

from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

# PostgreSQL's code of a cancelled statement ("query_canceled").
_ENDED = "57014"


def limit_questions() -> None:
    """Limit statements to `PAGE_SECONDS` in each connection that this process opens from now on."""
    connection_created.connect(limit, dispatch_uid="page seconds")


def limit(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Set PostgreSQL's timeout of this connection to `PAGE_SECONDS`; 0 means none."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('statement_timeout', %s, false)",
                [f"{settings.PAGE_SECONDS:d}s"],
            )


def took_too_long(error: BaseException | None) -> bool:
    """Return whether `error` means that PostgreSQL cancelled a statement."""
    return getattr(getattr(error, "__cause__", None), "sqlstate", None) == _ENDED
