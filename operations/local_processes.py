"""Processes of a Procfile on one machine, for `make demo` and `make run`. Imports no Django."""

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from honcho.compat import ProcessManager
from honcho.environ import parse_procfile
from honcho.manager import Manager
from honcho.printer import Message, Printer

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60


def serve(procfile: str, env: Mapping[str, str], port: int, welcome: str) -> int:
    """Run the processes of a file in the project's folder until one ends or a signal comes.

    Args:
        welcome: printed as soon as something answers on `port`.

    Returns:
        the exit code: 0 where a person stopped them.
    """
    manager = Manager(_QuietPrinter(sys.stdout))
    manager._procmgr = _HeadsOnly()
    for name, command in parse_procfile((ROOT / procfile).read_text()).processes.items():
        manager.add_process(name, command, env=dict(env), cwd=str(ROOT))
    # A closed terminal ends them as Ctrl-C does.
    signal.signal(signal.SIGHUP, lambda number, frame: os.kill(os.getpid(), signal.SIGTERM))
    threading.Thread(target=_welcome, args=(port, welcome), daemon=True).start()
    manager.loop()
    stopped = manager.returncode in (130, 143)
    return 0 if stopped else int(manager.returncode or 1)


class _HeadsOnly(ProcessManager):
    """Asks only a process's head to end, not its children at the same moment: the job queue's
    head waits for its workers, for ever if someone else ended them. Killing still takes all."""

    def terminate(self, pid: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)


class _QuietPrinter(Printer):
    """Honcho's printer without the lines that say that all is well."""

    def write(self, message: Message) -> None:
        text = (
            message.data.decode(errors="replace")
            if isinstance(message.data, bytes)
            else message.data
        )
        if message.name == "system" and ("stopped (rc=" not in text or "(rc=0)" in text):
            return
        if "INFO django-q:" not in text:
            super().write(message)


def _welcome(port: int, text: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while is_free(port):
        if time.monotonic() > deadline:
            return
        time.sleep(0.1)
    print(text, flush=True)


def migrations() -> list[Path]:
    """Return the files of the packages' migrations. Until the first release they are rewritten,
    which a database that knows the former ones does not notice."""
    return sorted(ROOT.glob("*/migrations/0*.py"))


def problem_of_port(port: int, command: str) -> str:
    """Return why `port` cannot be served, with what to do about it; "" where it can."""
    if not 0 < port < 65536:
        return f"{port} is no port. Take one from 1 to 65535: {command} PORT=9000"
    if not is_free(port):
        other = port + 1000 if port < 64000 else 8000
        return f"Port {port} is in use. Take another one: {command} PORT={other}"
    return ""


def is_free(port: int) -> bool:
    """Return whether nothing listens on `port` of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def search_path() -> str:
    """Return a PATH on which the programs of this Python's environment come first."""
    return f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
