"""A webinar that ran, with its people, and a portal of HubSpot that knows some of them."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from contacts.models import Contact
from destinations.hubspot.client import AT_ONCE, Client
from destinations.hubspot.records import NewContact
from destinations.hubspot.switch import handover_of, switch_on
from destinations.models import Portal, WebinarHandover
from tests.factories import AttendanceFactory, RegistrationFactory, SessionFactory, WebinarFactory
from webinars.models import Attendance, Registration

# Of ten people three are in HubSpot before, six attended and one cancelled.
KNOWN, ATTENDED, CANCELLED = 3, 6, 1
_BATCH = 2000


@dataclass(frozen=True)
class Crowd:
    """So many people of one webinar."""

    people: int

    def of_ten(self, share: int) -> int:
        """Return how many `share` of ten of them are; the first of each ten are meant."""
        tens, rest = divmod(self.people, 10)
        return tens * share + min(rest, share)

    @property
    def participations(self) -> int:
        return self.people + self.of_ten(ATTENDED) + self.of_ten(CANCELLED)

    @property
    def fewest(self) -> dict[str, int]:
        """Return the calls that cannot be had without, by HubSpot's contract: 100 of a kind a call.

        All are looked up, who is missing is created, what each did is recorded, and that it is
        there is read once. Events of others are looked for by id and in the list, the event is
        created, and completed at the end.
        """
        return {
            "looked up": _calls(self.people),
            "created": _calls(self.people - self.of_ten(KNOWN)),
            "event": 4,
            "recorded": _calls(self.people)
            + _calls(self.of_ten(ATTENDED))
            + _calls(self.of_ten(CANCELLED)),
            "read": _calls(self.people),
        }


def _calls(records: int) -> int:
    return -(-records // AT_ONCE)


def fill(portal: Portal, client: Client, crowd: Crowd, prefix: str) -> WebinarHandover:
    """Write a webinar that ran a few days ago with its people, and make those that HubSpot knows
    known there; return its row, switched on."""
    webinar = WebinarFactory.create(
        starts_at=timezone.now() - dt.timedelta(days=4), registration_url="https://example.com/"
    )
    session = SessionFactory.create(webinar=webinar)
    for begin in range(0, crowd.people, _BATCH):
        numbers = range(begin, min(begin + _BATCH, crowd.people))
        _write(webinar, session, numbers, prefix)
    known = [n for n in range(crowd.people) if n % 10 < KNOWN]
    for begin in range(0, len(known), AT_ONCE):
        client.create_contacts(
            [
                NewContact(str(n), {"email": _email(prefix, n), "firstname": "Theirs"})
                for n in known[begin : begin + AT_ONCE]
            ]
        )
    row = handover_of(portal, webinar)
    row.previewed_at = timezone.now()
    row.save()
    switch_on(row)
    return row


def _email(prefix: str, number: int) -> str:
    return f"{prefix}{number}@example.com"


def _write(webinar: Any, session: Any, numbers: range, prefix: str) -> None:
    now = timezone.now()
    people = Contact.objects.bulk_create(
        [
            Contact(
                email=_email(prefix, n),
                email_key=_email(prefix, n),
                first_name=f"First{n}",
                last_name=f"Last{n}",
                organization="Example",
                city="Oslo",
                updated_at=now,
            )
            for n in numbers
        ]
    )
    rows = Registration.objects.bulk_create(
        [
            RegistrationFactory.build(
                webinar=webinar,
                contact=contact,
                registered_at=webinar.starts_at - dt.timedelta(days=1, seconds=n),
                cancelled_at=webinar.starts_at if n % 10 >= 10 - CANCELLED else None,
            )
            for n, contact in zip(numbers, people, strict=True)
        ]
    )
    Attendance.objects.bulk_create(
        [
            AttendanceFactory.build(session=session, registration=row)
            for n, row in zip(numbers, rows, strict=True)
            if n % 10 < ATTENDED
        ]
    )
