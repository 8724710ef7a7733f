"""The cost of the outbox in a first sync: without a reader, and with one, each against the same
code without writing to the outbox. Run in a process per database.

Each variant is measured several times, alternating, and the minimum counts: other load on the
machine only adds to it. CPU seconds are those of the process that syncs. Two syncs differ by more
than the outbox without a reader costs, so that is measured separately too: the calls of the outbox,
their CPU and queries.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webinarsync.settings")
django.setup()

from django.db import connection as database  # noqa: E402

from benchmarks.simulated import connected  # noqa: E402
from benchmarks.sync import TABLES  # noqa: E402
from contacts import events  # noqa: E402
from core import outbox  # noqa: E402
from core.models import OutboxDelivery, OutboxEvent, QueuedJob  # noqa: E402
from core.outbox import Reader  # noqa: E402
from sync import runs  # noqa: E402
from sync.models import SyncRun  # noqa: E402
from webinars.models import Webinar  # noqa: E402

_TRIES = 3
Seconds = dict[str, float]


def main(registrants: int, tries: int = _TRIES) -> dict[str, Any]:
    """Measure with this many registrants; return seconds and ratios."""
    with connected(registrants) as (simulator, _organizer):
        keys = {item["label"]: item["webinarKey"] for item in simulator.webinars()}
        # The simulator builds its pages at first use, and Python its caches: neither is measured.
        first_sync(keys["big"])
        found: dict[str, list[Seconds]] = {name: [] for name in _WAYS}
        stored = 0
        for _ in range(tries):
            for name, way in _WAYS.items():
                with way():
                    found[name].append(first_sync(keys["big"]))
                stored = max(stored, OutboxEvent.objects.count())
        unread = spent(keys["big"])
    least = {
        name: {kind: min(one[kind] for one in some) for kind in ("seconds", "cpu")}
        for name, some in found.items()
    }
    without = least["without"]
    return {
        "database": database.vendor,
        "registrants": registrants,
        "events": stored,
        "nobody_reads": unread,
        **least,
        "ratios": {
            name: {kind: least[name][kind] / without[kind] for kind in without}
            for name in ("no_reader", "one_reader")
        },
    }


def first_sync(key: str) -> Seconds:
    """Empty the tables that a sync fills, sync the webinar and return what that took."""
    with database.cursor() as cursor:
        for model in (*reversed(TABLES), OutboxDelivery, OutboxEvent, QueuedJob):
            cursor.execute(f'DELETE FROM "{model._meta.db_table}"')
    SyncRun.objects.all().delete()
    Webinar.objects.update(
        last_session_ended_at=None, attendance_pending_until=None, no_shows_recorded_at=None
    )
    webinar = Webinar.objects.select_related("connection").get(key=key)
    began, cpu = time.perf_counter(), time.process_time()
    run = runs.sync_webinar(webinar, trigger=SyncRun.Trigger.COMMAND)
    took = {"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}
    assert run.state == SyncRun.State.DONE, run.error
    return took


@contextmanager
def without() -> Iterator[None]:
    """Remove the outbox."""
    write, is_read = outbox.write_many, outbox.is_read
    outbox.write_many = lambda kind, happened: None
    outbox.is_read = lambda kind: False
    try:
        yield
    finally:
        outbox.write_many, outbox.is_read = write, is_read


def spent(key: str) -> dict[str, float]:
    """Sync once without a reader; return how often the outbox was called, the CPU seconds and
    queries of these calls, and their share of the sync's."""
    found = {"calls": 0.0, "cpu": 0.0, "queries": 0.0}

    def query(execute: Callable[..., Any], *given: Any) -> Any:
        found["queries"] += 1
        return execute(*given)

    def counted(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any) -> Any:
            began = time.thread_time()
            try:
                with database.execute_wrapper(query):
                    return function(*given)
            finally:
                found["cpu"] += time.thread_time() - began
                found["calls"] += 1

        return call

    write, is_read = outbox.write_many, outbox.is_read
    outbox.write_many, outbox.is_read = counted(write), counted(is_read)
    try:
        took = first_sync(key)
    finally:
        outbox.write_many, outbox.is_read = write, is_read
    return found | {"share": found["cpu"] / took["cpu"]}


@contextmanager
def one_reader() -> Iterator[None]:
    """Register a reader of all kinds, to whom another process would deliver."""
    outbox.register(Reader("benchmark", events.KINDS, lambda events: None))
    try:
        yield
    finally:
        outbox.unregister("benchmark")


_WAYS: Mapping[str, Callable[[], Any]] = {
    "without": without, "no_reader": nullcontext, "one_reader": one_reader,
}  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(main(*map(int, sys.argv[1:]))))
