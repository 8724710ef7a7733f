"""A full installation for tests and benchmarks: web, worker and pusher as real processes.

Each runs as in its Procfile, in its own process group as with an init system, on a separate
database and with a simulated GoToWebinar.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
from honcho.environ import parse_procfile
from psycopg import sql

from simulators.gotowebinar.process import SimulatorProcess

ROOT = Path(__file__).resolve().parent.parent
_START_SECONDS = 60
_SEVERAL_COMMANDS = """
import json, sys
import django
from django.core.management import call_command

django.setup()
for words in json.loads(sys.argv[1]):
    call_command(*words)
"""


class Installation:
    """Processes by name ("web", "worker", "pusher"); `settings` are environment variables.

    Their output is stored in `folder`, one file a process. Leaving the block ends them all.
    """

    def __init__(
        self,
        database_url: str,
        simulator: SimulatorProcess,
        folder: Path,
        *,
        procfile: str = "Procfile",
        **settings: str,
    ) -> None:
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.folder = folder
        self.env = os.environ | {
            "DJANGO_SETTINGS_MODULE": "webinarsync.settings",
            "DEBUG": "False",
            "HTTPS": "False",
            "SECRET_KEY": os.environ.get("SECRET_KEY", "for-an-installation-that-ends-soon-" * 2),
            "ALLOWED_HOSTS": "127.0.0.1",
            "PUBLIC_URL": self.url,
            "DATABASE_URL": database_url,
            "CONN_MAX_AGE": "60",
            "GOTO_API_URL": simulator.api_url,
            "GOTO_AUTH_URL": simulator.ready["auth_url"],
            "GOTO_CLIENT_ID": simulator.ready["client_id"],
            "GOTO_CLIENT_SECRET": simulator.ready["client_secret"],
            # Everyone submits from this machine, and faster than people do.
            "FORM_LEAST_SECONDS": "0",
            "FORM_PER_ADDRESS": "0",
            "FORM_PER_EMAIL": "0",
            "LOG_LEVEL": "WARNING",
            "PYTHONUNBUFFERED": "1",
            "PORT": str(port),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
            **settings,
        }
        self._commands = parse_procfile((ROOT / procfile).read_text()).processes
        # Where the code of a process is, if not here.
        self._homes: dict[str, Path] = {}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._simulator = simulator

    def __enter__(self) -> "Installation":
        return self

    def __exit__(self, *_: object) -> None:
        for name in list(self._running):
            self.kill(name)

    def prepare(self, *webinar_keys: str) -> None:
        """Create the tables, connect the simulator and sync these webinars, in one process and
        without a rate limit."""
        commands = [
            ["migrate", "-v0"],
            ["connect_goto", "--refresh-token", self._simulator.ready["refresh_token"]],
            *(["sync_webinars", "--webinar", key, "--activate"] for key in webinar_keys),
        ]
        env = self.env | {"GOTO_CALLS_PER_SECOND": "0"}
        self._run(["-c", _SEVERAL_COMMANDS, json.dumps(commands)], env=env, cwd=ROOT)

    def manage(self, *words: str, home: Path = ROOT) -> None:
        """Run a management command of the code in `home` to its end. Raises CalledProcessError when
        it fails."""
        self._run(["manage.py", *words], env=self.env, cwd=home)

    def _run(self, arguments: list[str], **more: Any) -> None:
        with (self.folder / "manage.log").open("ab") as log:
            subprocess.run([sys.executable, *arguments], stdout=log, stderr=log, check=True, **more)

    def ask(self, *words: str) -> str:
        """Run a management command to its end and return what it printed. Raises
        CalledProcessError when it fails."""
        command = [sys.executable, "manage.py", *words]
        with (self.folder / "manage.log").open("ab") as log:
            done = subprocess.run(
                command, env=self.env, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, check=True
            )
        return done.stdout.decode()

    def add(self, name: str, like: str) -> None:
        """Add another process of a kind, to be started under its own name."""
        self._commands[name] = self._commands[like]

    def upgrade(self, name: str, home: Path) -> None:
        """Let a process run the code in `home` from its next start on."""
        self._homes[name] = home

    def start(self, name: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                ["/bin/sh", "-c", self._commands[name]],
                env=self.env,
                cwd=self._homes.get(name, ROOT),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_for_web(self) -> None:
        """Return when pages are answered. Raises TimeoutError."""
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            with suppress(OSError):
                try:
                    urllib.request.urlopen(f"{self.url}/register/there-is-none/", timeout=5).close()
                except urllib.error.HTTPError:
                    return
            time.sleep(0.1)
        raise TimeoutError(f"No page within {_START_SECONDS} seconds: see {self.folder}")

    def is_running(self, name: str) -> bool:
        return self._running[name].poll() is None

    def kill(self, name: str) -> None:
        """Kill a process with all its children, like a power loss."""
        process = self._running[name]
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def kill_head(self, name: str) -> None:
        """Kill a process without its children."""
        self._running[name].kill()

    def head(self, name: str) -> int:
        """Return the number of a process that was started."""
        return self._running[name].pid

    def children(self, name: str) -> list[int]:
        """Return the numbers of the processes that a process has started, in order."""
        head = self._running[name].pid
        return sorted(set(_group_of(head)) - {head})


@contextmanager
def scratch_database(folder: Path, name: str, like: str = "") -> Iterator[str]:
    """Yield the URL of a database on the server of DATABASE_URL, else of a file; drop it at the
    end. It is empty, or a copy of the one at the URL `like`, which must not be in use then."""
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        if like:
            shutil.copyfile(like.removeprefix("sqlite:///"), f"{folder / name}.sqlite3")
        yield f"sqlite:///{folder / name}.sqlite3"
        return
    # Named so that after a kill it is dropped by the next run (tests.postgres).
    named = sql.Identifier(f"test_webinarsync_{name}_{os.getpid()}")
    with psycopg.connect(server, autocommit=True) as connection:
        template = sql.Identifier(_name_of(like) if like else "template1")
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(named, template))
        try:
            yield _on_server(server, f"test_webinarsync_{name}_{os.getpid()}")
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(named))


def _on_server(server: str, name: str) -> str:
    """Return the URL of another database on the same server."""
    base, _, query = server.partition("?")
    return f"{base.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")


def _name_of(address: str) -> str:
    """Return the name of the database in a URL."""
    return address.partition("?")[0].rpartition("/")[2]


def _group_of(leader: int) -> list[int]:
    """Return the numbers of the processes of a process group."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                # After the name, which may contain anything: state, parent, process group.
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(fields[2]) == leader:
                    found.append(int(entry.name))
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
