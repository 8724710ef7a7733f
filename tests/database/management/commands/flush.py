"""`flush` for tests: empty the tables that a test has written to, and keep what `migrate` creates.

Django's own empties every table and sends `post_migrate`, which creates permissions, roles and
templates again: 0.3 seconds after each test that commits.
"""

from typing import Any

from django.core.management.base import BaseCommand
from django.core.management.color import no_style
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from tests.database.reference_data import REFERENCE_TABLES, restore_reference_data


class Command(BaseCommand):
    help = "Empty the tables that hold anything, and restore reference data."
    # The options with which Django's test cases call `flush`.
    stealth_options = (
        "interactive",
        "database",
        "reset_sequences",
        "allow_cascade",
        "inhibit_post_migrate",
    )

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        if tables := tables_with_rows(connection):
            statements = connection.ops.sql_flush(
                no_style(),
                tables,
                reset_sequences=options.get("reset_sequences", False),
                # Empty tables that refer to one of these may be emptied with it.
                allow_cascade=True,
            )
            connection.ops.execute_sql_flush(statements)
        restore_reference_data(connection.alias)


def tables_with_rows(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the tables that have rows and are not reference data, by one query."""
    tables = sorted(
        set(connection.introspection.django_table_names(only_existing=True, include_views=False))
        - REFERENCE_TABLES
    )
    quote = connection.ops.quote_name
    query = " UNION ALL ".join(
        f"SELECT {number} WHERE EXISTS (SELECT 1 FROM {quote(table)})"
        for number, table in enumerate(tables)
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [tables[number] for (number,) in cursor.fetchall()]
