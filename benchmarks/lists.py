"""Response times of lists in a very large installation, against hand-written SQL for the same page.

PostgreSQL only, in a separate process (`benchmarks.__main__`). A signed-in client requests each
page without a network; the floor is the same rows and counts by hand-written SQL.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webinarsync.settings")
os.environ |= {"DEBUG": "False", "HTTPS": "False", "ALLOWED_HOSTS": "testserver"}
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402

from benchmarks import crowd  # noqa: E402
from benchmarks.lists_sql import EXPORT, EXPORT_SQL, PAGES, SEGMENTS  # noqa: E402
from contacts.models import Contact  # noqa: E402
from segments.models import Segment  # noqa: E402
from webinars.models import Registration, Webinar  # noqa: E402

EACH = 5
_TRIES = 5


def main() -> dict[str, Any]:
    """Create the installation, then measure each page and its floor, in milliseconds."""
    contacts = int(sys.argv[1])
    call_command("migrate", verbosity=0)
    crowd.make(contacts, EACH)
    browser = Client()
    browser.force_login(User.objects.create_superuser("root", password=None))
    return measure(browser)


def measure(browser: Client) -> dict[str, Any]:
    """Measure the existing installation, and its size."""
    ids = dict(Webinar.objects.values_list("key", "pk"))
    apart = [ids[f"w{100 - EACH * n}"] for n in range(1, EACH)]
    # In URLs several webinars are several words; in SQL they are a list.
    named = {"w": ids["w100"], "c": Contact.objects.earliest("pk").pk, "big": ids[crowd.BIG]}
    in_sql = named | {"s": ", ".join(map(str, apart))}
    in_address = named | {"s": "&".join(f"webinars={pk}" for pk in apart)}
    for number, query in enumerate(SEGMENTS):
        Segment.objects.get_or_create(name=f"{number}", query=query.format(**in_address))
    # First, because it is the largest: a process does not return memory to the system.
    exported = _exported(browser, EXPORT.format(**in_address), EXPORT_SQL.format(**in_sql))
    return {
        "contacts": Contact.objects.count(),
        "webinars": len(ids),
        "registrations": Registration.objects.count(),
        "export": exported,
        "pages": [
            _measured(
                browser, name, address.format(**in_address), [part.format(**in_sql) for part in sql]
            )
            for name, address, sql in PAGES
        ],
    }


def _measured(browser: Client, name: str, address: str, sql: list[str]) -> dict[str, Any]:
    queries: list[float] = []

    def timing(execute: Callable[..., Any], *args: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(*args)
        finally:
            queries.append(time.perf_counter() - began)

    def page() -> None:
        assert browser.get(address).status_code == 200, address

    def by_hand() -> None:
        with connection.cursor() as cursor:
            for statement in sql:
                cursor.execute(statement)
                cursor.fetchall()

    took, floor = _best(page), _best(by_hand)
    with connection.execute_wrapper(timing):
        page()
    return {
        "page": name,
        "ms": took,
        "queries": len(queries),
        "database_ms": 1000 * sum(queries),
        "floor_ms": floor,
        "ratio": took / floor,
    }


def _best(work: Callable[[], None]) -> float:
    """Return the minimum of some tries, in milliseconds; the first one warms up."""
    work()
    times = []
    for _ in range(_TRIES):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return 1000 * min(times)


def _exported(browser: Client, address: str, sql: str) -> dict[str, Any]:
    """Return how long the first line and all lines of an export took, and the memory added."""
    list(browser.get(address.replace("registered/", "overflow/")).streaming_content)  # type: ignore[attr-defined]
    before = _peak_mib()
    began = time.perf_counter()
    lines = iter(browser.get(address).streaming_content)  # type: ignore[attr-defined]
    next(lines)
    next(lines)
    first = time.perf_counter() - began
    rows = 1 + sum(1 for _ in lines)
    seconds = time.perf_counter() - began
    added = _peak_mib() - before
    began = time.perf_counter()
    with transaction.atomic(), connection.connection.cursor("by_hand") as cursor:
        cursor.itersize = 2000
        cursor.execute(sql)
        by_hand = iter(cursor)
        next(by_hand)
        floor_first = time.perf_counter() - began
        assert rows == 1 + sum(1 for _ in by_hand)
    return {
        "rows": rows,
        "first_ms": 1000 * first,
        "seconds": seconds,
        "added_mib": added,
        "floor_first_ms": 1000 * floor_first,
        "floor_seconds": time.perf_counter() - began,
    }


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    print(json.dumps(main()))
