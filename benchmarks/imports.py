"""A file of many people: checked, then imported, compared with the same rows inserted directly.

Run in a process per database (`benchmarks.__main__`).
"""

import io
import json
import os
import sys
import time
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webinarsync.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from contact_imports import jobs, uploads  # noqa: E402
from contact_imports.mapping import guess  # noqa: E402
from contact_imports.models import ContactImport  # noqa: E402
from contacts.models import Contact  # noqa: E402

COLUMNS = [
    "email",
    "first_name",
    "last_name",
    "organization",
    "job_title",
    "phone",
    "city",
    "country",
]


def main() -> dict[str, Any]:
    """Return lines, and seconds of the floor, the check and the write."""
    people = int(sys.argv[1])
    call_command("migrate", verbosity=0)
    floor = _timed(lambda: _bare(people))
    Contact.objects.all()._raw_delete("default")
    file = _file(people)
    item = ContactImport.objects.create(
        filename="people.csv",
        size=len(file),
        columns=COLUMNS,
        mapping=guess(COLUMNS),
        total=people,
        state=ContactImport.State.READING,
    )
    uploads.store(item, io.BytesIO(file))
    ContactImport.objects.filter(pk=item.pk).update(state=ContactImport.State.CHECKING)
    check = _timed(lambda: jobs.run_import(item.pk))
    ContactImport.objects.filter(pk=item.pk).update(state=ContactImport.State.IMPORTING, done=0)
    write = _timed(lambda: jobs.run_import(item.pk))
    assert Contact.objects.count() == people
    return {
        "database": connection.vendor,
        "people": people,
        "check": check,
        "write": write,
        "floor": floor,
        "ratio": write / floor,
    }


def _file(people: int) -> bytes:
    rows = [",".join(COLUMNS)] + [",".join(_person(number)) for number in range(people)]
    return "\n".join(rows).encode()


def _person(number: int) -> list[str]:
    company = f"Company {number % 500}"
    return [f"p{number}@example.com", f"First{number}", f"Last{number}", company, "Engineer",
            f"+33 1 {number}", "Paris", "France"]  # fmt: skip


def _bare(people: int) -> None:
    """Insert the same rows with the ORM's fastest method, in one transaction."""
    with transaction.atomic():
        Contact.objects.bulk_create(
            (
                Contact(email_key=row[0], **dict(zip(COLUMNS, row, strict=True)))
                for row in map(_person, range(people))
            ),
            batch_size=500,
        )


def _timed(work: Any) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    print(json.dumps(main()))
