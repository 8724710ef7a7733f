"""First and second sync of one webinar, each compared with its floor. Run in a process per
database.

Floor (a): the same calls, with the answers discarded. Floor (b): that, and the same rows written
with the driver's fastest bulk insert (SQLite executemany, PostgreSQL COPY) in one transaction.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import groupby
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webinarsync.settings")
django.setup()

import requests  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection as database  # noqa: E402

from benchmarks.simulated import connected  # noqa: E402
from contacts.models import Activity, Contact  # noqa: E402
from sync import runs  # noqa: E402
from sync.models import SyncRun  # noqa: E402
from sync.pull import details_backfill  # noqa: E402
from webinars.models import Attendance, RegistrantAlias, Registration, Session, Webinar  # noqa: E402

# In an order in which rows can be inserted.
TABLES = (Contact, Activity, Registration, RegistrantAlias, Session, Attendance)
Call = tuple[str, dict[str, str] | None]


# About GoTo's own response time; the second sync is measured with it too.
_LATENCY_MS = 150
# With more people, almost all of the time is waiting.
_AWAY_MOST = 10_000
_TRIES = 7
# This many registrations are created without details, for the job that reads them.
_UNREAD = 1000
_PAGE = 200


def main(registrants: int) -> dict[str, Any]:
    """Measure with this many registrants; return seconds, calls, rows and ratios."""
    with connected(registrants) as (simulator, _organizer):
        keys = {item["label"]: item["webinarKey"] for item in simulator.webinars()}
        webinar = Webinar.objects.select_related("connection").get(key=keys["big"])
        token = webinar.connection.access_token
        # The simulator builds its pages at first use, which is not measured.
        warm = recorded_sync(webinar, dry=True)
        fetch(warm, token)
        on_the_list = len(simulator.truth(webinar.key)["registrants"])

        first_calls: list[Call] = []
        first = timed(lambda: first_calls.extend(recorded_sync(webinar)))
        rows = {model: dump(model) for model in TABLES}
        fetch_first = timed(lambda: fetch(first_calls, token))
        with rows_written() as written:
            second_calls = recorded_sync(webinar)
        seconds = [timed(lambda: recorded_sync(webinar)) for _ in range(_TRIES)]
        floors = [timed(lambda: fetch(second_calls, token)) for _ in range(_TRIES)]
        details = read_details(webinar)
        away = None
        if registrants <= _AWAY_MOST:
            simulator.control("POST", "latency", {"ms": _LATENCY_MS})
            away = time_without_platform(webinar, second_calls, token)
        fewest_first, fewest_second = fewest_calls(webinar, on_the_list)
        insert = timed_insert(rows)
    second, floor = median(seconds), median(floors)
    return {
        "database": database.vendor,
        "registrants": registrants,
        "first": {
            "seconds": first,
            "calls": len(first_calls),
            "fewest": fewest_first,
            "rows": sum(len(some) for _, some in rows.values()),
            "floor_fetch": fetch_first,
            "floor_insert": insert,
            "ratio": first / (fetch_first + insert),
        },
        "second": {
            "seconds": second,
            "calls": len(second_calls),
            "fewest": fewest_second,
            "rows": written["rows"],
            "floor_fetch": floor,
            "ratio": second / floor,
        },
        "details": details,
        "away": away,
    }


def read_details(webinar: Webinar) -> dict[str, float]:
    """Measure the reading of details of existing contacts: calls that are not part of a sync, and
    are made only when no other call is needed."""
    Webinar.objects.filter(pk=webinar.pk).update(sync_enabled=True)
    read = webinar.registrations.exclude(details_read_at=None).values_list("pk", flat=True)
    Registration.objects.filter(pk__in=list(read[:_UNREAD])).update(details_read_at=None)
    calls: list[Call] = []
    with recording(calls):
        began = time.perf_counter()
        people = details_backfill.read_unread()
        seconds = time.perf_counter() - began
    return {"people": people, "calls": len(calls), "seconds": seconds}


def time_without_platform(webinar: Webinar, calls: list[Call], token: str) -> dict[str, float]:
    """Return what a second sync and its floor take with GoTo's response time."""
    seconds = timed(lambda: recorded_sync(webinar))
    floor = timed(lambda: fetch(calls, token))
    return {
        "latency_ms": _LATENCY_MS,
        "seconds": seconds,
        "floor_fetch": floor,
        "ratio": seconds / floor,
    }


def fewest_calls(webinar: Webinar, registrants: int) -> tuple[int, int]:
    """Return the minimum number of calls of a first and a second sync, by GoTo's contract.

    Pages of 200 registrants and attendees, a page of sessions, the questions of each session; in a
    first sync also the details of each new contact, and polls and survey of each attendee of a
    session with any.
    """
    stays = Attendance.objects.filter(session__webinar=webinar)
    again = -(-registrants // _PAGE) + 1 + -(-stays.count() // _PAGE) + webinar.sessions.count()
    asked = stays.filter(session__poll_count__gt=0).count()
    return again + Contact.objects.count() + 2 * asked, again


@contextmanager
def rows_written() -> Iterator[dict[str, int]]:
    """Count the rows that are inserted, changed or deleted inside."""
    counted = {"rows": 0}

    def counting(
        execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        result = execute(sql, params, many, context)
        if sql.split(" ", 1)[0] in ("INSERT", "UPDATE", "DELETE"):
            counted["rows"] += context["cursor"].rowcount
        return result

    with database.execute_wrapper(counting):
        yield counted


def median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


@contextmanager
def recording(calls: list[Call]) -> Iterator[None]:
    """Record the path of every GET inside."""
    send = requests.Session.request

    def noting(session: requests.Session, method: str, url: str, **options: Any) -> Any:
        if method == "GET":
            calls.append((url, options.get("params")))
        return send(session, method, url, **options)

    requests.Session.request = noting  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        requests.Session.request = send  # type: ignore[method-assign]


def recorded_sync(webinar: Webinar, *, dry: bool = False) -> list[Call]:
    """Sync `webinar` (or only preview it) and return the calls that were made."""
    calls: list[Call] = []
    with recording(calls):
        if dry:
            from platforms.client_factory import client_for
            from sync.dry_run import count_changes

            count_changes(webinar, client_for(webinar.connection))
        else:
            run = runs.sync_webinar(webinar, trigger=SyncRun.Trigger.COMMAND)
            assert run.state == SyncRun.State.DONE, run.error
    return calls


def fetch(calls: list[Call], token: str) -> None:
    """Make `calls` and discard the answers: pages one after the other, the rest four at once."""
    session = requests.Session()
    session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=8))
    headers = {"Authorization": f"Bearer {token}"}

    def get(call: Call) -> None:
        session.get(call[0], params=call[1], headers=headers)

    with ThreadPoolExecutor(settings.GOTO_PARALLEL_CALLS) as pool:
        for paged, some in groupby(calls, key=lambda call: bool(call[1])):
            for _ in map(get, some) if paged else pool.map(get, some):
                pass


def dump(model: Any) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Return the columns and raw rows of a table."""
    with database.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
        return [column[0] for column in cursor.description], cursor.fetchall()


def timed_insert(rows: dict[Any, tuple[list[str], list[tuple[Any, ...]]]]) -> float:
    """Empty the tables, and return how long the driver needs to write the same rows again."""
    with database.cursor() as cursor:
        for model in reversed(TABLES):
            cursor.execute(f'DELETE FROM "{model._meta.db_table}"')
    database.ensure_connection()
    insert = copy_in if database.vendor == "postgresql" else execute_many
    return timed(lambda: insert(rows))


def execute_many(rows: dict[Any, tuple[list[str], list[tuple[Any, ...]]]]) -> None:
    raw = database.connection
    raw.execute("BEGIN IMMEDIATE")
    for model, (columns, some) in rows.items():
        marks = ",".join("?" * len(columns))
        names = ",".join(f'"{name}"' for name in columns)
        sql = f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES ({marks})'
        raw.executemany(sql, some)
    raw.execute("COMMIT")


def copy_in(rows: dict[Any, tuple[list[str], list[tuple[Any, ...]]]]) -> None:
    raw = database.connection
    with raw.transaction(), raw.cursor() as cursor:
        for model, (columns, some) in rows.items():
            names = ",".join(f'"{name}"' for name in columns)
            with cursor.copy(f'COPY "{model._meta.db_table}" ({names}) FROM STDIN') as copy:
                for row in some:
                    copy.write_row(
                        [json.dumps(v) if isinstance(v, dict | list) else v for v in row]
                    )


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
