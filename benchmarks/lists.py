"""How soon lists answer in a very large installation, against hand-written SQL for the same page.

PostgreSQL only, in a process of its own (`benchmarks.__main__`). Each page is asked for by a
signed-in browser without a network; the floor is the same rows and counts, asked for by hand.
"""

import json
import os
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
from webinars.models import Registration, Webinar  # noqa: E402

EACH = 5
_TRIES = 5

# What stands on each row of the list of contacts.
_COUNTED = """(SELECT count(*) FROM webinars_registration r WHERE r.contact_id = c.id
        AND r.state = 'registered'),
    (SELECT count(*) FROM webinars_registration r WHERE r.contact_id = c.id
        AND r.sessions_attended > 0)"""
_ATTENDED = """EXISTS (SELECT 1 FROM webinars_registration r WHERE r.contact_id = c.id
    AND r.webinar_id = {w} AND r.sessions_attended > 0)"""
_AUDIENCES = """SELECT webinar_id, state, sessions_attended > 0, cancelled_at IS NOT NULL, count(*)
    FROM webinars_registration WHERE webinar_id {} GROUP BY 1, 2, 3, 4"""
_PEOPLE = """SELECT r.*, c.* FROM webinars_registration r JOIN contacts_contact c
    ON c.id = r.contact_id WHERE r.webinar_id = {w} AND r.state = '{state}' ORDER BY {order}
    LIMIT {most}"""
_CAME_OFTEN = """SELECT contact_id FROM webinars_registration WHERE sessions_attended > 0
    GROUP BY 1 HAVING count(*) >= 3"""
_SHOWN = """(SELECT id FROM webinars_webinar WHERE ends_at {} now() ORDER BY starts_at LIMIT 6)"""
_FUNNEL = """SELECT webinar_id, count(*), count(*) FILTER (WHERE state = 'registered'),
    count(*) FILTER (WHERE sessions_attended > 0), percentile_cont(0.5) WITHIN GROUP
    (ORDER BY seconds_attended) FILTER (WHERE sessions_attended > 0)
    FROM webinars_registration WHERE webinar_id {} GROUP BY 1"""
_BY_DAY = """SELECT webinar_id, source, registered_at::date, count(*) FROM webinars_registration
    WHERE webinar_id {} AND state = 'registered' GROUP BY 1, 2, 3"""

# Page, its address, and the SQL for the same. {w} is a webinar with all its people.
PAGES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "Contacts",
        "/admin/contacts/contact/",
        (
            "SELECT count(*) FROM contacts_contact",
            f"SELECT c.*, {_COUNTED} FROM contacts_contact c ORDER BY id DESC LIMIT 50",
        ),
    ),
    (
        "Contacts who attended a webinar",
        "/admin/contacts/contact/?webinar={w}&audience=attended",
        (
            f"SELECT count(*) FROM contacts_contact c WHERE {_ATTENDED}",
            f"SELECT c.*, {_COUNTED} FROM contacts_contact c WHERE {_ATTENDED} "
            "ORDER BY id DESC LIMIT 50",
        ),
    ),
    (
        "A contact, looked up by e-mail",
        "/admin/contacts/contact/?q=person12345@example2345.com",
        (
            f"SELECT c.*, {_COUNTED} FROM contacts_contact c "
            "WHERE email_key = 'person12345@example2345.com'",
        ),
    ),
    (
        "Webinars with their counts",
        "/admin/webinars/webinar/",
        (
            "SELECT * FROM webinars_webinar ORDER BY starts_at DESC, id DESC LIMIT 50",
            _AUDIENCES.format(
                "IN (SELECT id FROM webinars_webinar ORDER BY starts_at DESC, id DESC LIMIT 50)"
            ),
        ),
    ),
    (
        "Registered for a webinar",
        "/webinars/{w}/audience/registered/",
        (
            _AUDIENCES.format("= {w}"),
            _PEOPLE.replace("{state}", "registered")
            .replace("{order}", "r.registered_at DESC, r.id DESC")
            .replace("{most}", "50"),
        ),
    ),
    (
        "A waiting list",
        "/webinars/{w}/waiting-list/",
        (
            "SELECT count(*) FROM webinars_registration WHERE webinar_id = {w} "
            "AND state = 'overflow'",
            _PEOPLE.replace("{state}", "overflow")
            .replace("{order}", "r.waiting_since, r.id")
            .replace("{most}", "100"),
        ),
    ),
    (
        "Found: attended a webinar",
        "/contacts/find/?audience=attended&webinars={w}",
        (
            f"SELECT count(*) FROM contacts_contact c WHERE {_ATTENDED}",
            f"SELECT c.* FROM contacts_contact c WHERE {_ATTENDED} ORDER BY id DESC LIMIT 50",
        ),
    ),
    (
        "Found: came three times or more",
        "/contacts/find/?came=3",
        (
            f"SELECT count(*) FROM ({_CAME_OFTEN}) AS often",
            f"SELECT * FROM contacts_contact WHERE id IN ({_CAME_OFTEN}) ORDER BY id DESC LIMIT 50",
        ),
    ),
    (
        "The front page",
        "/admin/",
        tuple(
            part.format(f"IN {_SHOWN.format(when)}")
            for when in ("<", ">")
            for part in (_AUDIENCES, _FUNNEL, _BY_DAY)
        ),
    ),
    (
        "A webinar's overview",
        "/admin/webinars/webinar/{w}/change/",
        tuple(part.format("= {w}") for part in (_AUDIENCES, _FUNNEL, _BY_DAY)),
    ),
    (
        "All registrations",
        "/admin/webinars/registration/",
        (
            "SELECT count(*) FROM webinars_registration",
            "SELECT r.*, c.*, w.* FROM webinars_registration r JOIN contacts_contact c "
            "ON c.id = r.contact_id JOIN webinars_webinar w ON w.id = r.webinar_id "
            "ORDER BY r.id DESC LIMIT 50",
        ),
    ),
)


def main() -> dict[str, Any]:
    """Make the installation, then measure each page and its floor, in milliseconds."""
    contacts = int(sys.argv[1])
    call_command("migrate", verbosity=0)
    crowd.make(contacts, EACH)
    browser = Client()
    browser.force_login(User.objects.create_superuser("root", password=None))
    webinar = Webinar.objects.get(key="w100").pk
    return {
        "contacts": contacts,
        "webinars": crowd.WEBINARS,
        "registrations": Registration.objects.count(),
        "pages": [
            _measured(browser, name, address.format(w=webinar), sql, webinar)
            for name, address, sql in PAGES
        ],
    }


def _measured(
    browser: Client, name: str, address: str, sql: tuple[str, ...], webinar: int
) -> dict[str, Any]:
    def page() -> None:
        assert browser.get(address).status_code == 200, address

    def by_hand() -> None:
        with connection.cursor() as cursor:
            for statement in sql:
                cursor.execute(statement.replace("{w}", str(webinar)))
                cursor.fetchall()

    took, floor = _best(page), _best(by_hand)
    return {"page": name, "ms": took, "floor_ms": floor, "ratio": took / floor}


def _best(work: Callable[[], None]) -> float:
    """Return the shortest of some tries, in milliseconds; the first one warms up."""
    work()
    times = []
    for _ in range(_TRIES):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return 1000 * min(times)


if __name__ == "__main__":
    print(json.dumps(main()))
