"""How long each page takes, against its own queries executed by hand in the same run.

PostgreSQL only, in a separate process (`benchmarks.__main__`). A signed-in client requests each
page without a network. The floor is the statements of the page, with their parameters, executed one
after the other with all rows read.
"""

import json
import os
import statistics
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
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from benchmarks import crowd  # noqa: E402
from contacts.models import Contact  # noqa: E402
from webinars.models import Registration, Webinar  # noqa: E402

EACH = 5
TRIES = int(os.environ.get("BENCH_TRIES", "15"))
Statement = tuple[str, Any]
PAGES = (
    ("Dashboard", "/admin/"),
    ("Webinars", "/admin/webinars/webinar/"),
    ("A webinar's report", "/admin/webinars/webinar/{webinar}/change/"),
    ("Contacts", "/admin/contacts/contact/"),
    ("A contact", "/admin/contacts/contact/{contact}/change/"),
    ("Advanced search", "/contacts/find/?webinars={webinar}&audience=attended"),
    ("An audience", "/webinars/{webinar}/audience/registered/"),
)


def main() -> dict[str, Any]:
    """Create the installation, then measure each page and its queries, in milliseconds."""
    call_command("migrate", verbosity=0)
    crowd.make(int(sys.argv[1]), EACH)
    browser = Client()
    browser.force_login(User.objects.create_superuser("root", password=None))
    named = {
        "webinar": Webinar.objects.get(key="w100").pk,
        "contact": Contact.objects.earliest("pk").pk,
    }
    return {
        "contacts": Contact.objects.count(),
        "registrations": Registration.objects.count(),
        "tries": TRIES,
        "pages": [_measured(browser, name, path.format(**named)) for name, path in PAGES],
    }


def _measured(browser: Client, name: str, path: str) -> dict[str, Any]:
    def page() -> None:
        assert browser.get(path).status_code == 200, path

    # Warm the caches of the process.
    page()
    statements = _statements_of(page)

    def by_hand() -> None:
        with connection.cursor() as cursor:
            for sql, params in statements:
                cursor.execute(sql, params)
                if cursor.description:
                    cursor.fetchall()

    took, floor = _medians(page, by_hand)
    return {
        "page": name,
        "ms": took,
        "queries": len(statements),
        "queries_ms": floor,
        "ratio": took / floor,
    }


def _statements_of(page: Callable[[], None]) -> list[Statement]:
    """Return the statements of a page, with their parameters."""
    found: list[Statement] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, *rest: Any) -> Any:
        found.append((sql, params))
        return execute(sql, params, *rest)

    with connection.execute_wrapper(note):
        page()
    return found


def _medians(*works: Callable[[], None]) -> list[float]:
    """Return the median time of each, in milliseconds. They alternate, so that other load on the
    machine affects all of them."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(TRIES):
        for work, took in zip(works, times, strict=True):
            began = time.perf_counter()
            work()
            took.append(1000 * (time.perf_counter() - began))
    return [statistics.median(took) for took in times]


if __name__ == "__main__":
    print(json.dumps(main()))
