"""Who belongs into a list of HubSpot: the people of an audience or a segment who are there."""

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

# Whom HubSpot did not have is looked up again so often.
LOOK_UP_EVERY = dt.timedelta(days=1)
# How long finding the people of a segment may take.
_SECONDS_TO_FIND = 30
# Of more people than these, all contacts of HubSpot are read.
_MANY = 5_000


class PeopleUnknown(Exception):
    """Who belongs into a list cannot be told now: no one is added or removed."""


def people_of_list(row: ContactList) -> set[int]:
    """Return the contacts who belong into a list. Raises PeopleUnknown."""
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
        # Whatever the conditions of another version, or the database, make of it.
        raise PeopleUnknown from error


def _known(row: ContactList, people: Collection[int]) -> Iterator[tuple[int, str, str]]:
    """Yield contact, state and HubSpot ID of those of `people` of whom something is known."""
    rows = HubSpotContact.objects.filter(portal=row.portal)
    columns = "contact", "state", "hubspot_id"
    if len(people) > _MANY:
        everybody = rows.order_by("pk").values_list(*columns).iterator()
        yield from (found for found in everybody if found[0] in people)
        return
    for some in batched(sorted(people), 500):
        yield from rows.filter(contact__in=some).order_by("pk").values_list(*columns)


def linked_ids(row: ContactList, people: Collection[int]) -> dict[str, int]:
    """Return the contacts of HubSpot that `people` are, with whom they are here."""
    return {
        hubspot_id: contact
        for contact, state, hubspot_id in _known(row, people)
        if state == HubSpotContact.State.LINKED
    }


def look_up_unknown(client: Client, row: ContactList, people: Collection[int]) -> None:
    """Find out who of `people` is in HubSpot, of those of whom that is not known. No one is
    created. Raises HubSpotError."""
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
    """Delete the rows of those who are in HubSpot now, or do not belong into the list any more."""
    seen = set(linked_ids(row, people).values())
    gone = []
    for pk, contact in (
        row.members.absent().order_by("-tried_at", "pk").values_list("pk", "contact")
    ):
        if contact not in people or contact in seen:
            gone.append(pk)
        # Two who were merged here have two rows.
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
