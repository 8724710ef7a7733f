"""Looking rows up by how a text of theirs begins, in any case, by an index alone.

`LIKE` with any case is no question to an index: SQLite and PostgreSQL read every row for it. Here
what is compared is what is indexed. A model has `index_of` its columns among its indexes, and
`first_rows` asks for them.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any, TypeVar

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Func, Index, Lookup, Model, QuerySet, TextField
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row", bound=Model)
Sql = tuple[str, Any]

# Longer than this is nothing that anybody looks up.
LONGEST = 100
# Comes after every text that goes on from the same beginning.
_LAST = chr(0x10FFFF)


class SearchKey(Func):
    """Columns with a space in between, lower-cased, in the order of their characters."""

    function = "LOWER"
    # Part of the text of the statement: with a parameter in it, SQLite would not know its index.
    arg_joiner = " || ' ' || "
    output_field = TextField()

    def as_postgresql(
        self, compiler: "SQLCompiler", connection: BaseDatabaseWrapper, **context: Any
    ) -> Sql:
        """Return SQL in whose order texts with one beginning stand together."""
        sql, params = self.as_sql(compiler, connection, **context)
        return f'({sql} COLLATE "C")', params


class BeginsWith(Lookup[Any]):
    """The condition that a text begins with another; an index of the text answers it.

    On PostgreSQL that is one of a `SearchKey`, or one for `LIKE`, which Django makes for each text
    that is indexed or unique.
    """

    lookup_name = "begins_with"
    # The text goes to the database as it is.
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
    """Return the index that `first_rows` needs to look rows up by `columns`."""
    return Index(SearchKey(*columns), name=name)


def spellings(text: str) -> list[str]:
    """Return how a key may begin where someone typed `text`.

    SQLite's LOWER knows the letters from A to Z alone: a key has others as the text has them.
    """
    return list(dict.fromkeys(_as_sqlite_lowers(way(text)) for way in _WAYS))


def first_rows(
    rows: QuerySet[Row], keys: Iterable[Sequence[str]], text: str, most: int
) -> list[Row]:
    """Return at most so many of `rows` of which one of `keys`, each the columns of an index, begins
    with `text`; those by the first key first."""
    typed = " ".join(text.split())
    if not typed or len(typed) > LONGEST:
        return []
    found: dict[Any, Row] = {}
    for columns in keys:
        key = SearchKey(*columns)
        for spelling in spellings(typed):
            # One question each: of several at once, a database would sort all answers.
            asked = rows.filter(BeginsWith(key, spelling)).order_by(key)
            found |= {row.pk: row for row in asked[:most] if row.pk not in found}
        if len(found) >= most:
            break
    return list(islice(found.values(), most))


def _as_sqlite_lowers(text: str) -> str:
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)


_WAYS: tuple[Callable[[str], str], ...] = (str.lower, str.title, str.upper)
