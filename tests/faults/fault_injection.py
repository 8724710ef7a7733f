"""Fault injection: processes are killed and GoTo fails, at random with a given seed."""

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Self

from simulators.gotowebinar.process import SimulatorProcess
from tests.installation import Installation

PROCESSES = ("web", "worker", "pusher")
# Between two kills (seconds): long enough for a process to have started again.
_PAUSE = (0.6, 1.6)
_FEWEST_KILLS = 8

FAULTS: tuple[dict[str, Any], ...] = (
    {"kind": "status", "status": 429, "retry_after": "1"},
    {"kind": "status", "status": 429},
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 503},
    {"kind": "html"},
    {"kind": "drop"},
    {"kind": "cut"},
    {"kind": "lost", "method": "POST"},
    {"kind": "lost", "method": "POST"},
    {"kind": "garbage"},
    {"kind": "timeout", "seconds": 2},
    # Longer than any client here waits for an answer.
    {"kind": "timeout", "seconds": 40},
)


class Havoc:
    """Injects faults from a separate thread for `seconds`, at least eight times, and not longer
    than the block lasts: otherwise no process would run between two kills on a busy machine.

    An init system (another thread) restarts ended processes. `and_then` is called after each kill
    with the process's name; if that fails, `give_up` is called, and the block raises the error."""

    def __init__(
        self,
        installation: Installation,
        simulator: SimulatorProcess,
        chance: random.Random,
        and_then: Callable[[str], None],
        give_up: Callable[[], None],
        seconds: float,
        processes: Sequence[str] = PROCESSES,
    ) -> None:
        self.done: Counter[str] = Counter()
        self._installation = installation
        self._simulator = simulator
        self._chance = chance
        self._and_then = and_then
        self._give_up = give_up
        self._seconds = seconds
        self._broken: Exception | None = None
        self._processes = processes
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=work) for work in (self._disturb, self._restart_processes)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()
        if self._broken is not None:
            raise self._broken
        self._simulator.control("POST", "fail/clear")

    def _disturb(self) -> None:
        try:
            deadline = time.monotonic() + self._seconds
            kills = 0
            while time.monotonic() < deadline or kills < _FEWEST_KILLS:
                if self._over.wait(self._chance.uniform(*_PAUSE)):
                    return
                kills += 1
                self._break_goto()
                name = self._chance.choice(self._processes)
                self._kill(name)
                self._and_then(name)
        except Exception as error:
            self._broken = error
            self._give_up()

    def _break_goto(self) -> None:
        fault = self._chance.choice(FAULTS)
        often = 1 if fault.get("seconds", 0) > 10 else self._chance.randrange(1, 6)
        where = {"after": self._chance.randrange(0, 8), "count": often}
        self._simulator.control("POST", "fail", {"path": "registrants", **where, **fault})
        self.done[f"GoTo: {fault['kind']} {fault.get('status', '')}"] += often

    def _kill(self, name: str) -> None:
        how = self._chance.choice(("all", "head", "child", "child"))
        self.done[f"{name}: {how}"] += 1
        if how == "all":
            self._installation.kill(name)
        elif how == "head":
            self._installation.kill_head(name)
        elif children := self._installation.children(name):
            with suppress(ProcessLookupError):
                os.kill(self._chance.choice(children), signal.SIGKILL)

    def _restart_processes(self) -> None:
        while not self._over.is_set():
            for name in self._processes:
                if not self._installation.is_running(name):
                    # The rest of its process group ends too, as with systemd.
                    self._installation.kill(name)
                    self._installation.start(name)
            time.sleep(0.1)
