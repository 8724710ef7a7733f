"""`make run`, `make shell` and `make manage`: a development installation under `.local/run/`.

It has an SQLite database and no data. Settings that the environment does not name are those below,
whatever `.env` says: no database, mail server or Redis of an installation is reached from here.
The Makefile names the settings of the project.
"""

import argparse
import fcntl
import hashlib
import io
import json
import os
import secrets
import sys
from collections.abc import Mapping

import django
from django.core.management import call_command, execute_from_command_line
from django.db import connections

from operations.local_processes import ROOT, migrations, problem_of_port, search_path, serve

HOME = ROOT / ".local" / "run"
# The name of the first account, which may do everything.
ACCOUNT = "admin"
WELCOME = """
  WebinarSync is running at  http://localhost:{port}/

    {account}

  Pages are reloaded when the code changes; restart `make run` for the worker and the pusher.
  Emails are printed here. CONTRIBUTING.md says how to connect a simulated GoToWebinar.
  Ctrl-C stops everything and keeps the data, which is in {home}.
"""


class DevelopmentError(Exception):
    """The installation cannot run; the text is the one sentence for the person who started it."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m operations.development")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument(
        "manage", nargs=argparse.REMAINDER, help="a command of manage.py, instead of the server"
    )
    options = parser.parse_args(arguments)
    os.environ.update(environment(options.port, os.environ))
    django.setup()
    try:
        # Migrations are written again while the tables still are those of the former ones.
        if options.manage[:1] != ["makemigrations"]:
            prepare_tables()
        if options.manage:
            execute_from_command_line(["manage.py", *options.manage])
            return 0
        return run(options.port)
    except DevelopmentError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def environment(port: int, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of a development installation; what is `environ` stays."""
    own = {
        "DEBUG": "True",
        "HTTPS": "False",
        "BEHIND_PROXY": "False",
        "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]",
        "PUBLIC_URL": f"http://localhost:{port}",
        "DATABASE_URL": f"sqlite:///{HOME / 'webinarsync.sqlite3'}",
        "BROKER_URL": "",
        "CALL_BUDGET_URL": "",
        "CACHE_URL": "locmemcache://",
        "EMAIL_URL": "consolemail://",
        "MAIL_FROM": "webinars@example.com",
    }
    return {name: environ.get(name, value) for name, value in own.items()}


def prepare_tables() -> None:
    """Migrate the database. Raises DevelopmentError for one whose migrations were rewritten."""
    HOME.mkdir(parents=True, exist_ok=True)
    with (HOME / "lock").open("a") as file:
        # A second one that starts in the meantime waits; the lock ends with the file.
        fcntl.flock(file, fcntl.LOCK_EX)
        applied = HOME / "migrations.json"
        here = _migrations()
        before: dict[str, str] = json.loads(applied.read_text()) if applied.exists() else {}
        rewritten = sorted(name for name, digest in before.items() if here.get(name) != digest)
        if rewritten:
            raise DevelopmentError(
                f"{rewritten[0]} is another than the one this database was made with. "
                f"Delete {HOME.relative_to(ROOT)} and start again, or go back to the former code."
            )
        if before != here:
            call_command("migrate", verbosity=0, interactive=False)
            call_command("install_schedules", stdout=io.StringIO())
            applied.write_text(json.dumps(here, indent=2))


def _migrations() -> dict[str, str]:
    """Return the digest of each migration of ours, by its path."""
    return {
        str(file.relative_to(ROOT)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in migrations()
    }


def run(port: int) -> int:
    """Run web, worker and pusher on `port` until they are stopped; gives the exit code."""
    problem = problem_of_port(port, "make run")
    if problem:
        raise DevelopmentError(problem)
    account = make_account()
    env = {**os.environ, "PYTHONUNBUFFERED": "1", "PORT": str(port), "PATH": search_path()}
    welcome = WELCOME.format(port=port, account=account, home=HOME.relative_to(ROOT))
    return serve("Procfile.dev", env, port, welcome)


def make_account() -> str:
    """Make the first account if there is none; return how to sign in."""
    # Django's models can be imported when it is set up.
    from django.contrib.auth.models import User

    if User.objects.exists():
        message = f"sign in as before; make manage C='changepassword {ACCOUNT}' sets a new password"
    else:
        password = secrets.token_urlsafe(9)
        User.objects.create_superuser(ACCOUNT, f"{ACCOUNT}@example.com", password)
        message = f"sign in as  {ACCOUNT}  password  {password}  (shown this once)"
    # The processes that follow are forked.
    connections.close_all()
    return message


if __name__ == "__main__":
    sys.exit(main())
