"""How long a page may keep PostgreSQL busy with one question.

A question can go astray: where PostgreSQL counted a table's rows while none of them was committed
yet, it plans as if there were none, and goes on for hours after whoever asked has left. Workers ask
as long as they need: this is for the web alone.
"""

from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

# What PostgreSQL calls a statement that was ended from outside ("query_canceled").
_ENDED = "57014"


def limit_questions() -> None:
    """Have each connection that this process opens from now on limited to `PAGE_SECONDS`."""
    connection_created.connect(limit, dispatch_uid="page seconds")


def limit(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Tell PostgreSQL to end each statement of this connection after `PAGE_SECONDS`; 0: never."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('statement_timeout', %s, false)",
                [f"{settings.PAGE_SECONDS:d}s"],
            )


def took_too_long(error: BaseException | None) -> bool:
    """Return whether `error` says that PostgreSQL ended a statement."""
    return getattr(getattr(error, "__cause__", None), "sqlstate", None) == _ENDED
