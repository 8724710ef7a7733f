"""The tests' tables are created from the models, and an installation's by migrations: they are
equal.

Creating them from the models saves each process of a test run some seconds.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from tests.installation import ROOT, scratch_database

_MIGRATE = """
import json
import django
from django.core.management import call_command

django.setup()
call_command("migrate", verbosity=0)
from tests.database.test_migrations import shape
print(json.dumps(shape()))
"""

# SQLite numbers unnamed constraints.
_NUMBERED = re.compile(r"^__unnamed.*|^fk_\d+$")
# PostgreSQL lists some of these; the columns contain the same.
_NOT_NULL = re.compile(r"_not_null\d*$")


def shape() -> Any:
    """Return the columns, indexes and constraints of each table of the project's apps."""
    inspect = connection.introspection
    own = [one for one in apps.get_app_configs() if Path(one.path).parent == ROOT]
    tables = [model._meta.db_table for one in own for model in one.get_models(True)]
    with connection.cursor() as cursor:
        return {
            table: [
                sorted(map(str, inspect.get_table_description(cursor, table))),
                sorted(
                    # The tests' tables have their own option on PostgreSQL.
                    f"{_NUMBERED.sub('', name)} {sorted((what | {'options': None}).items())}"
                    for name, what in inspect.get_constraints(cursor, table).items()
                    if not _NOT_NULL.search(name)
                ),
            ]
            for table in tables
        }


@pytest.mark.django_db
@pytest.mark.slow
def test_migrations_make_the_tables_of_the_models(tmp_path: Path) -> None:
    with scratch_database(tmp_path, "migrated") as url:
        env = {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "webinarsync.settings"}
        done = subprocess.run(
            [sys.executable, "-c", _MIGRATE],
            cwd=ROOT,
            env=os.environ | env,
            stdout=subprocess.PIPE,
            check=True,
        )
    migrated, made = json.loads(done.stdout), json.loads(json.dumps(shape()))
    assert migrated.keys() == made.keys()
    for table in made:
        for there, here in zip(migrated[table], made[table], strict=True):
            assert sorted(set(there) ^ set(here)) == [], table
