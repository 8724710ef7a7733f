"""SQL names a table by `Model._meta.db_table`, so that renaming a table needs one change."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

pytestmark = pytest.mark.pure
ROOT = Path(__file__).parents[1]
# The names of admin pages consist of app and model, as those of tables do; other names, by chance.
OTHER_NAMES = {
    "tests/fixtures/examples.py",
    "tests/webinarsync/test_access.py",
    "tests/test_retired_names.py",
}
TABLES = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
_TABLE = re.compile(rf"\b({'|'.join(sorted(TABLES))})\b")
# Tables of former names are found too, by their prefix. Those of the database itself, and Django's
# own record of migrations, have no model of ours.
_NAMED = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE|TABLE|ANALYZE)\s+\"?([a-z]+_[a-z_]+)\b(?!\()")
_OTHERS = re.compile(r"(?:pg_|sqlite_|django_migrations$)")
_SQL = re.compile(r"\b(?:SELECT|FROM|JOIN|INSERT|UPDATE|DELETE|TRUNCATE|TABLE|VACUUM|ANALYZE)\b")


def tables_in(source: str) -> Iterator[str]:
    """Yield the names of tables in the strings of `source` that are SQL, or nothing but a table."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value.strip()
            if text in TABLES or _SQL.search(text):
                yield from _TABLE.findall(text)
                yield from (name for name in _NAMED.findall(text) if not _OTHERS.match(name))


def test_no_sql_spells_the_name_of_a_table() -> None:
    spelled = {
        (name, table)
        for path in sorted(ROOT.rglob("*.py"))
        if not path.relative_to(ROOT).parts[0].startswith(".")
        if (name := path.relative_to(ROOT).as_posix()) not in OTHER_NAMES
        and "migrations" not in path.parts
        and path != Path(__file__)
        for table in tables_in(path.read_text())
    }
    assert not spelled


def test_a_spelled_table_is_found() -> None:
    source = (
        'a = "SELECT 1 FROM sync_syncrun"\n'
        'b = f"UPDATE webinars_registration SET {c}"\n'
        'd = "contacts_contact"\n'
        'e = "contacts_contact_export"\n'
        'f = f"DELETE FROM {Contact._meta.db_table}"\n'
    )
    source += 'g = "SELECT email FROM contacts_former f, pg_class"\n'
    assert set(tables_in(source)) == {
        "sync_syncrun", "webinars_registration", "contacts_contact", "contacts_former",
    }  # fmt: skip
