"""manage.py backup FILE: a consistent copy of the database, taken while everything runs."""

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection


class Command(BaseCommand):
    help = (
        "Copy the database into FILE while everything goes on. SQLite: the file is a database; to "
        "restore, stop all processes and put it in the place of the old one. PostgreSQL: made with "
        "pg_dump; to restore, pg_restore --clean --if-exists into the database. Keep TOKEN_KEYS, "
        "SECRET_KEY and CONTACT_HASH_KEY elsewhere: without them the copy's secrets stay shut."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **_: Any) -> None:
        if file.exists():
            raise CommandError(f"{file} is there already; choose another name.")
        # Only whoever runs this reads it: it holds people.
        draft = file.with_name(f"{file.name}.part")
        os.close(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
        try:
            if connection.vendor == "sqlite":
                _copy_sqlite(draft)
            else:
                _dump_postgresql(draft)
            draft.rename(file)
        finally:
            draft.unlink(missing_ok=True)
        self.stdout.write(f"{file}: {file.stat().st_size / 2**20:.1f} MiB")


def _copy_sqlite(file: Path) -> None:
    connection.ensure_connection()
    with sqlite3.connect(file) as copy:
        connection.connection.backup(copy)
    copy.close()


def _dump_postgresql(file: Path) -> None:
    """Raises CommandError where pg_dump is missing or fails, in its own words."""
    program = shutil.which("pg_dump")
    if program is None:
        raise CommandError("pg_dump is not installed here: install PostgreSQL's client programs.")
    names = {"dbname": "PGDATABASE", "host": "PGHOST", "port": "PGPORT", "user": "PGUSER",
             "password": "PGPASSWORD", "sslmode": "PGSSLMODE"}  # fmt: skip
    params = connection.get_connection_params()
    secret = {names[name]: str(value) for name, value in params.items() if name in names and value}
    done = subprocess.run(
        [program, "--format=custom", f"--file={file}"],
        env=os.environ | secret,
        stderr=subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        raise CommandError(f"pg_dump failed: {done.stderr.strip()}")
