"""The people of a HubSpot list: those of an audience or segment who are in HubSpot."""

import datetime as dt
from collections.abc import Collection, Iterator

from django.db import transaction
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone

from contacts.models import Contact
from core.batches import batched
from core.time_limit import time_limit
from destinations.hubspot.client import AT_ONCE, Client
from destinations.hubspot.contacts import find_contacts, link
from destinations.models import ContactList, HubSpotContact, ListMember
from segments.service import found_by
from webinars.audiences import Audience, members

# Contacts that HubSpot did not have are looked up again this often.
LOOK_UP_EVERY = dt.timedelta(days=1)
# How long finding the people of a segment may take.
_SECONDS_TO_FIND = 30
# For more people than this, all contacts of HubSpot are read.
_MANY = 5_000


class PeopleUnknown(Exception):
    """The people of a list are unknown for now: no one is added or removed."""


def people_of_list(row: ContactList) -> set[int]:
    """Return the contacts for a list. Raises PeopleUnknown."""
    if row.webinar is not None:
        rows = members(row.webinar, Audience(row.audience))
        return set(rows.values_list("contact", flat=True))
    assert row.segment is not None
    try:
        found = found_by(QueryDict(row.segment.query))
        if found.unreadable_reason:
            raise PeopleUnknown
        people: QuerySet[Contact] = found.qs
        with time_limit(_SECONDS_TO_FIND):
            return set(people.order_by().values_list("pk", flat=True))
    except PeopleUnknown:
        raise
    except Exception as error:
        # Any error: conditions of another version, or of the database.
        raise PeopleUnknown from error


def _known(row: ContactList, people: Collection[int]) -> Iterator[tuple[int, str, str]]:
    """Yield contact, state and HubSpot ID of those of `people` with a known state."""
    rows = HubSpotContact.objects.filter(portal=row.portal)
    columns = "contact", "state", "hubspot_id"
    if len(people) > _MANY:
        found_rows = rows.order_by("pk").values_list(*columns).iterator()
        yield from (found for found in found_rows if found[0] in people)
        return
    for some in batched(sorted(people), 500):
        yield from rows.filter(contact__in=some).order_by("pk").values_list(*columns)


def linked_ids(row: ContactList, people: Collection[int]) -> dict[str, int]:
    """Return the HubSpot contacts of `people`, with their contacts here."""
    return {
        hubspot_id: contact
        for contact, state, hubspot_id in _known(row, people)
        if state == HubSpotContact.State.LINKED
    }


def look_up_unknown(client: Client, row: ContactList, people: Collection[int]) -> None:
    """Look up those of `people` in HubSpot who were not looked up yet. No one is created. Raises
    HubSpotError."""
    since = timezone.now() - LOOK_UP_EVERY
    known = {contact: state for contact, state, _id in _known(row, people)}
    fresh = set(row.members.absent().filter(tried_at__gt=since).values_list("contact", flat=True))
    barred = {contact for contact, state in known.items() if state != HubSpotContact.State.LINKED}
    _note_absent(row, sorted(barred - fresh))
    for some in batched(sorted(set(people) - known.keys() - fresh), AT_ONCE):
        found = find_contacts(client, row.portal, some)
        link(row.portal, found.existing)
        _note_absent(row, [*found.missing, *found.gone])
    _forget_absent(row, people)


def _forget_absent(row: ContactList, people: Collection[int]) -> None:
    """Delete the rows of people who are in HubSpot now, or no longer belong to the list."""
    seen = set(linked_ids(row, people).values())
    gone = []
    for pk, contact in (
        row.members.absent().order_by("-tried_at", "pk").values_list("pk", "contact")
    ):
        if contact not in people or contact in seen:
            gone.append(pk)
        # Two contacts that were merged here have two rows.
        seen.add(contact)
    for some in batched(gone, 500):
        row.members.filter(pk__in=some).delete()


def _note_absent(row: ContactList, contact_ids: Collection[int]) -> None:
    now = timezone.now()
    for some in batched(contact_ids, 500):
        with transaction.atomic():
            row.members.absent().filter(contact__in=some).delete()
            here = Contact.objects.select_for_update().filter(pk__in=some).order_by("pk")
            ListMember.objects.bulk_create(
                [
                    ListMember(contact_list=row, contact_id=pk, tried_at=now)
                    for pk in here.values_list("pk", flat=True)
                ]
            )
