"""Look up rows by the beginning of a text, in any case, by an index alone.

`LIKE` in any case cannot use an index: SQLite and PostgreSQL would read every row. Here the indexed
expression itself is compared. A model adds `index_of` its columns to its indexes, and `first_rows`
queries them.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any, TypeVar

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Func, Index, Lookup, Model, QuerySet, TextField
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row", bound=Model)
Sql = tuple[str, Any]

# No one searches for a longer beginning.
LONGEST = 100
# Sorts after every text with the same beginning.
_LAST = chr(0x10FFFF)


class SearchKey(Func):
    """Columns joined by spaces, lower-cased, in binary order."""

    function = "LOWER"
    # Part of the SQL text: with a parameter in it, SQLite would not use its index.
    arg_joiner = " || ' ' || "
    output_field = TextField()

    def as_postgresql(
        self, compiler: "SQLCompiler", connection: BaseDatabaseWrapper, **context: Any
    ) -> Sql:
        """Return SQL that sorts texts with the same beginning next to each other."""
        sql, params = self.as_sql(compiler, connection, **context)
        return f'({sql} COLLATE "C")', params


class BeginsWith(Lookup[Any]):
    """The condition that a text begins with another, answered by an index of the text.

    On PostgreSQL that is the index of a `SearchKey`, or the one for `LIKE` that Django creates for
    each indexed or unique text.
    """

    lookup_name = "begins_with"
    # The text is passed to the database unchanged.
    prepare_rhs = False

    def as_sql(self, compiler: "SQLCompiler", connection: BaseDatabaseWrapper) -> Sql:
        text, params = self.process_lhs(compiler, connection)
        return f"({text} >= %s AND {text} < %s)", [*params, self.rhs, *params, f"{self.rhs}{_LAST}"]

    def as_postgresql(
        self, compiler: "SQLCompiler", connection: BaseDatabaseWrapper, **_: Any
    ) -> Sql:
        text, params = self.process_lhs(compiler, connection)
        return f"{text} LIKE %s", [*params, f"{connection.ops.prep_for_like_query(self.rhs)}%"]


def index_of(*columns: str, name: str) -> Index:
    """Return the index that `first_rows` needs to look up rows by `columns`."""
    return Index(SearchKey(*columns), name=name)


def spellings(text: str) -> list[str]:
    """Return how a key may begin if someone typed `text`.

    SQLite's LOWER changes A to Z only: a key keeps other letters as written.
    """
    return list(dict.fromkeys(_as_sqlite_lowers(way(text)) for way in _WAYS))


def first_rows(
    rows: QuerySet[Row], keys: Iterable[Sequence[str]], text: str, most: int
) -> list[Row]:
    """Return at most `most` of `rows` of which one of `keys`, each the columns of an index, begins
    with `text`; matches of the first key come first."""
    typed = " ".join(text.split())
    if not typed or len(typed) > LONGEST:
        return []
    found: dict[Any, Row] = {}
    for columns in keys:
        key = SearchKey(*columns)
        for spelling in spellings(typed):
            # One query each: combined, a database would sort all matches.
            asked = rows.filter(BeginsWith(key, spelling)).order_by(key)
            found |= {row.pk: row for row in asked[:most] if row.pk not in found}
        if len(found) >= most:
            break
    return list(islice(found.values(), most))


def _as_sqlite_lowers(text: str) -> str:
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)


_WAYS: tuple[Callable[[str], str], ...] = (str.lower, str.title, str.upper)
