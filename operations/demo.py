"""`make demo`: simulators, web and worker together, with data of their own under `.local/demo/`.

The steps, in the order of the code: take the demo's lock; read or make its settings (ports, keys,
passwords); fill its database (the first time, with simulators that run just for that); start
the processes of `Procfile.demo`; say where it is. Ctrl-C ends them all. Imports no Django: the
settings of the processes are made here.
"""

import argparse
import fcntl
import hashlib
import json
import os
import secrets
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import FrameType

from operations.local_processes import (
    ROOT,
    free_port,
    is_free,
    migrations,
    problem_of_port,
    search_path,
    serve,
)

HOME = ROOT / ".local" / "demo"
SETTINGS = HOME / "settings.json"
# The simulator's account: small enough to be synced in well under a minute.
SIMULATOR = "--seed 1 --webinars 12 --registrants 300 --live --rate-limit 50"
# The portal's people are those whom the simulated GoToWebinar of the same seed knows.
PORTAL = "--seed 1 --contacts 120"


class DemoError(Exception):
    """The demo cannot run; the text is the one sentence for the person who started it."""


def main() -> int:
    """Run the command line; gives the exit code."""
    parser = argparse.ArgumentParser(prog="make demo")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--forget", action="store_true", help="delete the demo's data")
    options = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        with _lock():
            return _forget() if options.forget else run(options.port)
    except DemoError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Let a killed or closed terminal end what has been started, as Ctrl-C does."""
    raise KeyboardInterrupt


def run(port: int) -> int:
    """Run the demo on `port` until it is stopped; gives the exit code."""
    problem = problem_of_port(port, "make demo")
    if problem:
        raise DemoError(problem)
    kept = _settings()
    own = _environment(kept, port)
    _write_private(HOME / "env", "".join(f"{name}='{value}'\n" for name, value in own.items()))
    env = {**os.environ, "PYTHONUNBUFFERED": "1", **own, "PATH": search_path()}
    # Whatever is set outside, the demo's settings are those that manage.py names.
    env.pop("DJANGO_SETTINGS_MODULE", None)
    filled = HOME / "filled"
    if is_outdated():
        print(
            "The data of this demo was made by an earlier version with other tables: it is made "
            "anew, and its accounts stay.",
            flush=True,
        )
        _empty()
    if filled.exists():
        _manage(env, "prepare_demo")
    else:
        with (
            _simulator(env, "simulator", "SIMULATOR"),
            _simulator(env, "hubspot_simulator", "HUBSPOT") as portal,
        ):
            token = {"HUBSPOT_ACCESS_TOKEN": str(portal["access_token"])}
            _manage(env | token, "prepare_demo", "--sync")
        filled.write_text(tables())
    return _serve(env, port, kept)


def tables() -> str:
    """Return what tells one shape of the tables from another."""
    return hashlib.sha256(b"".join(file.read_bytes() for file in migrations())).hexdigest()


def is_outdated() -> bool:
    """Return whether the demo's database is that of other tables than this code's."""
    filled, database = HOME / "filled", HOME / "webinarsync.sqlite3"
    if filled.exists() and filled.read_text() != tables():
        return True
    # One that was not filled to its end has nothing but its own record of migrations.
    recorded = _migrations_of(database) if database.exists() else set()
    here = {(file.parts[-3], file.stem) for file in migrations()}
    ours = {app for app, _name in here}
    recorded = {(app, name) for app, name in recorded if app in ours}
    return bool(recorded) and recorded != here


def _migrations_of(database: Path) -> set[tuple[str, str]]:
    """Return the migrations that a database records, by app and name."""
    with closing(sqlite3.connect(database)) as connection, suppress(sqlite3.DatabaseError):
        return set(connection.execute("SELECT app, name FROM django_migrations"))
    return set()


def _empty() -> None:
    """Forget the demo's data; its accounts and keys stay."""
    names = ("simulator.json", "hubspot.json", "filled")
    for file in (*HOME.glob("webinarsync.sqlite3*"), *(HOME / name for name in names)):
        file.unlink(missing_ok=True)


# -- settings ----------------------------------------------------------------------------------


def _settings() -> dict[str, str]:
    """Return the demo's keys, passwords and ports of simulators, made once and kept."""
    kept: dict[str, str] = json.loads(SETTINGS.read_text()) if SETTINGS.exists() else {}
    made = {
        "secret_key": secrets.token_urlsafe(50),
        "marketer": secrets.token_urlsafe(9),
        "operator": secrets.token_urlsafe(9),
        "refresh_token": secrets.token_urlsafe(24),
        "client_secret": secrets.token_urlsafe(24),
    } | kept
    for name in ("simulator_port", "hubspot_port"):
        port = int(kept.get(name, 0))
        made[name] = str(port if port and is_free(port) else free_port())
    if made != kept:
        _write_private(SETTINGS, json.dumps(made, indent=2))
    return made


def _environment(kept: dict[str, str], port: int) -> dict[str, str]:
    """Return the environment of every process of the demo."""
    platform_url = f"http://127.0.0.1:{kept['simulator_port']}"
    simulator = (
        f"{SIMULATOR} --state {HOME.relative_to(ROOT) / 'simulator.json'} --client-id=demo"
        f" --client-secret={kept['client_secret']} --refresh-token={kept['refresh_token']}"
    )
    return {
        "DEBUG": "False",
        "HTTPS": "False",
        "SECRET_KEY": kept["secret_key"],
        "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]",
        "PUBLIC_URL": f"http://localhost:{port}",
        "DATABASE_URL": f"sqlite:///{HOME / 'webinarsync.sqlite3'}",
        "STATIC_ROOT": str(ROOT / ".local" / "static"),
        "GOTO_API_URL": platform_url,
        "GOTO_AUTH_URL": platform_url,
        "GOTO_CLIENT_ID": "demo",
        "GOTO_CLIENT_SECRET": kept["client_secret"],
        "GOTO_CALLS_PER_SECOND": "45",
        "HUBSPOT_API_URL": f"http://127.0.0.1:{kept['hubspot_port']}",
        "EMAIL_URL": "consolemail://",
        "MAIL_FROM": "webinars@example.com",
        "LOG_LEVEL": "WARNING",
        "PORT": str(port),
        "SIMULATOR_PORT": kept["simulator_port"],
        "SIMULATOR_OPTIONS": simulator,
        "HUBSPOT_PORT": kept["hubspot_port"],
        "HUBSPOT_OPTIONS": f"{PORTAL} --state {HOME.relative_to(ROOT) / 'hubspot.json'}",
        "DEMO_MARKETER_PASSWORD": kept["marketer"],
        "DEMO_OPERATOR_PASSWORD": kept["operator"],
    }


def _write_private(path: Path, text: str) -> None:
    """Write `text` so that only the person who runs the demo can read it."""
    with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)


# -- processes ---------------------------------------------------------------------------------


def _manage(env: dict[str, str], *arguments: str) -> None:
    """Run a management command to its end. Raises DemoError when it fails."""
    command = [sys.executable, "manage.py", *arguments]
    with _child(command, env) as process:
        if process.wait():
            raise DemoError("The demo could not be prepared: the lines above say why.")


@contextmanager
def _simulator(env: dict[str, str], name: str, prefix: str) -> Iterator[dict[str, object]]:
    """Run the simulator that the command `name` starts, ready, while the block runs; gives its
    ready line. `prefix` is that of its settings in `env`."""
    command = [sys.executable, "manage.py", name, "--port", env[f"{prefix}_PORT"]]
    command += env[f"{prefix}_OPTIONS"].split()
    with _child(command, env, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        line = process.stdout.readline().strip()
        if not line:
            raise DemoError("A simulator did not start: the lines above say why.")
        yield json.loads(line)


@contextmanager
def _child(
    command: list[str], env: dict[str, str], stdout: int | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `command` out of reach of the terminal's Ctrl-C, and end it with the block."""
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=stdout, start_new_session=True)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


WELCOME = """
  WebinarSync is running at  http://localhost:{port}/

    sign in as   marketer   password  {marketer}
            or   operator   password  {operator}

  GoToWebinar is simulated here: every minute or so someone registers or cancels. Who registers
  is here within seconds; everything else shows every 15 minutes, or when you press "Sync now".
  So is a HubSpot portal, which is connected and is sent the people of some webinars. Its list
  "Spring fair" can be imported under Contacts > Import.
  Ctrl-C stops everything and keeps the data; `make clean-demo` forgets it.
"""


def _serve(env: dict[str, str], port: int, kept: dict[str, str]) -> int:
    """Run the processes of `Procfile.demo` until one ends or a signal comes."""
    welcome = WELCOME.format(port=port, marketer=kept["marketer"], operator=kept["operator"])
    code = serve("Procfile.demo", env, port, welcome)
    print("The demo is stopped. `make demo` starts it again with the same data.")
    return code


# -- the demo's folder -------------------------------------------------------------------------


@contextmanager
def _lock() -> Iterator[None]:
    """Hold the demo's lock, which ends with the process. Raises DemoError while another runs."""
    HOME.mkdir(parents=True, exist_ok=True)
    with (HOME.parent / "demo.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise DemoError("The demo is running already. Stop it first (Ctrl-C there).") from None
        yield


def _forget() -> int:
    shutil.rmtree(HOME)
    print("The demo's data and accounts are gone. `make demo` makes new ones.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
