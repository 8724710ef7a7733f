"""`make bench-scale`: how much faster 1, 2 and 4 workers sync many webinars.

Each number of workers begins with an empty PostgreSQL and the same simulated GoToWebinar; once
without a rate limit, where the machine is the bottleneck, and once with GoTo's 10 calls a second,
where GoTo is. Prints a table, and writes docs/scale.json.
"""

import json
import os
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg

from simulators.gotowebinar.process import SimulatorProcess
from tests.installation import Installation, scratch_database

DOCS = Path(__file__).resolve().parent.parent / "docs"
WEBINARS = int(os.environ.get("SCALE_WEBINARS", "200"))
REGISTRANTS = int(os.environ.get("SCALE_REGISTRANTS", "5000"))
# With GoTo's limit, each registrant takes a tenth of a second, so fewer are enough.
LIMITED = int(os.environ.get("SCALE_LIMITED", "400"))
WORKERS = (1, 2, 4)
_TABLES = (
    "from sync.models import SyncRun; from webinars.models import Webinar; "
    "print(SyncRun._meta.db_table, Webinar._meta.db_table)"
)
_LIST = (
    "from platforms.models import Connection; from sync.runs import sync_list; "
    "sync_list(Connection.objects.get(), trigger='command')"
)
_ASK = (
    "from webinars.models import Webinar; from sync.models import SyncRun; "
    "from sync.queue import queue_sync; "
    "queue_sync(Webinar.objects.filter(sync_enabled=True), trigger=SyncRun.Trigger.MANUAL)"
)


def main() -> None:
    """Measure all, and write the results."""
    rows = []
    for limit, webinars, registrants in ((0, WEBINARS, REGISTRANTS), (10, 4, LIMITED // 4)):
        first: float | None = None
        for workers in WORKERS:
            row = measured(workers, limit, webinars, registrants)
            first = first or row["seconds"]
            row["ratio"] = round(first / row["seconds"], 2)
            rows.append(row)
            print(json.dumps(row), flush=True)
    (DOCS / "scale.json").write_text(json.dumps(rows, indent=2) + "\n")


def measured(workers: int, limit: int, webinars: int, registrants: int) -> dict[str, Any]:
    """Return what one number of workers took, in seconds, calls and seconds of processor time."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        simulator = stack.enter_context(SimulatorProcess(webinars=1, rate_limit=limit))
        url = stack.enter_context(scratch_database(folder, "scale"))
        installation = stack.enter_context(
            Installation(url, simulator, folder, WORKERS="1", GOTO_CALLS_PER_SECOND=str(limit))
        )
        keys = [_filled(simulator, number, registrants) for number in range(webinars)]
        installation.prepare()
        installation.manage("shell", "-c", _LIST)
        with psycopg.connect(url, autocommit=True) as database:
            runs, listed = installation.ask("shell", "-c", _TABLES).split()[-2:]
            database.execute(f"UPDATE {listed} SET sync_enabled = key = ANY(%s)", [keys])
            names = [f"worker{number}" for number in range(workers)]
            for name in names:
                installation.add(name, like="worker")
                installation.start(name)
            time.sleep(3)
            simulator.reset_calls()
            began, used = time.monotonic(), _processor_seconds(installation, names)
            installation.manage("shell", "-c", _ASK)
            done = (
                f"SELECT count(DISTINCT webinar_id) FROM {runs} r JOIN {listed} w "
                "ON w.id = r.webinar_id WHERE r.state = 'done' AND w.key = ANY(%s)"
            )
            while _count(database, done, [keys]) < webinars:
                time.sleep(0.1)
            seconds = time.monotonic() - began
            used = _processor_seconds(installation, names) - used
        return {
            "workers": workers,
            "limit": limit,
            "webinars": webinars,
            "registrants": webinars * registrants,
            "seconds": round(seconds, 1),
            "a_second": round(webinars * registrants / seconds),
            "calls": simulator.calls()["total"],
            "too_fast": simulator.calls()["by_status"].get("429", 0),
            "processor_seconds": round(used, 1),
        }


def _filled(simulator: SimulatorProcess, number: int, registrants: int) -> str:
    named = {"subject": f"Scale {number}", "limit": registrants}
    key = str(simulator.control("POST", "new-webinar", named)["webinarKey"])
    # Each webinar has its own people: details cost a call for each of them.
    people = {"count": registrants, "from": 1_000_000 + number * registrants * 2}
    simulator.control("POST", "register-many", {"webinar": key} | people)
    return key


def _count(database: psycopg.Connection[Any], query: str, parameters: list[Any]) -> int:
    row = database.execute(query, parameters).fetchone()
    assert row is not None
    return int(row[0])


def _processor_seconds(installation: Installation, names: list[str]) -> float:
    """Return the processor time that workers have used so far, in seconds."""
    ticks = 0
    for name in names:
        for pid in (installation.head(name), *installation.children(name)):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
