"""The same webinar synced as most integrations do it: for each registrant a call for the details, a
query and a save for each row. The baseline of comparison.

Run in a process per database (`benchmarks.__main__`).
"""

import json
import os
import sys
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webinarsync.settings")
django.setup()

from django.db import connection as database  # noqa: E402
from django.utils import timezone  # noqa: E402

from benchmarks.simulated import connected  # noqa: E402
from benchmarks.sync import TABLES, recorded_sync, timed  # noqa: E402
from contacts.models import Activity, Contact  # noqa: E402
from core.emails import email_key  # noqa: E402
from platforms.client_factory import client_for  # noqa: E402
from sync import runs  # noqa: E402
from sync.models import SyncRun  # noqa: E402
from webinars.models import Registration, Webinar  # noqa: E402


def main(registrants: int) -> dict[str, Any]:
    """Measure with this many registrants; return seconds and calls of both ways."""
    with connected(registrants) as (simulator, organizer):
        # Of the webinars without sessions: only registrants are compared.
        key = simulator.control("POST", "new-webinar", {"subject": "Many", "limit": registrants})
        named = {"webinar": key["webinarKey"], "count": registrants}
        simulator.control("POST", "register-many", named)
        runs.sync_list(organizer, trigger=SyncRun.Trigger.COMMAND)
        webinar = Webinar.objects.select_related("connection").get(key=key["webinarKey"])
        recorded_sync(webinar, dry=True)
        result: dict[str, Any] = {"database": database.vendor, "registrants": registrants}
        for name, run_sync in (("plain", row_by_row), ("ours", recorded_sync)):
            for again in ("first", "second"):
                simulator.reset_calls()
                seconds = timed(lambda run_sync=run_sync: run_sync(webinar))  # type: ignore[misc]
                calls = simulator.calls()["total"]
                result[f"{name}_{again}"] = {"seconds": seconds, "calls": calls}
            # Not by the ORM, which would suppress the deleted people.
            with database.cursor() as cursor:
                for model in reversed(TABLES):
                    cursor.execute(f'DELETE FROM "{model._meta.db_table}"')
    return result


def row_by_row(webinar: Webinar) -> None:
    """A detail call for each registrant, and a query and a save for each row."""
    client = client_for(webinar.connection)
    for page in client.registrants(webinar.key):
        for row in page:
            person = client.registrant(webinar.key, row.key).registrant
            contact, _ = Contact.objects.get_or_create(
                email_key=email_key(person.email),
                defaults={
                    "email": person.email,
                    "first_name": person.first_name,
                    "last_name": person.last_name,
                },
            )
            contact.save()
            Registration.objects.update_or_create(
                contact=contact,
                webinar=webinar,
                defaults={"registrant_key": row.key, "state": Registration.State.REGISTERED},
            )
            Activity.objects.get_or_create(
                contact=contact,
                key=f"registered:{webinar.key}",
                defaults={"kind": Activity.Kind.REGISTERED, "happened_at": timezone.now()},
            )


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
