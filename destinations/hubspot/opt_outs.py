"""Opt-outs made in HubSpot, which count as opt-outs of the person here (rule 11).

HubSpot returns an opt-out from all email with each contact. For addresses alone a token needs a
scope of its own; they are checked before a mailing.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from contacts import opt_outs
from contacts.models import Contact, OptOut
from core.batches import batched
from core.rate_limit.database import Priority
from destinations.hubspot import access, contacts
from destinations.hubspot.client import AT_ONCE, Client
from destinations.hubspot.errors import HubSpotError, MissingScope
from destinations.hubspot.opt_outs_client import unsubscribed
from destinations.models import OptOutCheck, Portal

# Results of HubSpot within this time are current enough.
FRESH = dt.timedelta(days=1)


class Unasked(NamedTuple):
    """A contact to check in HubSpot."""

    contact_id: int


class HubSpotOptOuts:
    """HubSpot as a system that is checked for opt-outs before mailings
    (`mailings.opt_out_check`)."""

    label = "HubSpot"
    order = 10
    at_once = AT_ONCE

    def to_check(self, contact_ids: Collection[int] | QuerySet[Any]) -> list[Unasked]:
        """Return those that were not checked in HubSpot within a day; none without a portal."""
        portal = Portal.objects.joined().first()
        if portal is None:
            return []
        fresh = OptOutCheck.objects.filter(
            portal=portal, checked_at__gt=timezone.now() - FRESH
        ).values("contact")
        rows = Contact.objects.filter(pk__in=contact_ids).exclude(pk__in=fresh)
        return [Unasked(pk) for pk in rows.order_by("pk").values_list("pk", flat=True)]

    def refresh(self, asked: Sequence[Unasked]) -> bool:
        """Check in HubSpot and save opt-outs; return whether HubSpot responds now. `to_check`
        returns failed ones again."""
        portal = Portal.objects.joined().first()
        if portal is None or portal.state != Portal.State.CONNECTED:
            # A refused token is not tried repeatedly.
            return False
        try:
            client = access.client_for(portal, Priority.MANUAL)
            check(client, portal, [row.contact_id for row in asked])
        except HubSpotError as error:
            access.note_error(portal, error)
            return False
        return True


OPT_OUTS = HubSpotOptOuts()


def check(client: Client, portal: Portal, contact_ids: Collection[int]) -> None:
    """Read whether contacts opted out in HubSpot, and save that with the time. Raises
    HubSpotError."""
    asked_at = timezone.now()
    contacts.find_contacts(client, portal, contact_ids)
    if portal.checks.get(access.OPT_OUTS, {}).get("ok"):
        addresses = [
            email for emails in contacts.addresses_of(contact_ids).values() for email in emails
        ]
        for some in batched(addresses, AT_ONCE):
            try:
                opt_outs.opt_out_many(unsubscribed(client, some), OptOut.Source.CRM)
            except MissingScope:
                # The scope was removed: contacts still have their own opt-out.
                break
    with transaction.atomic():
        here = Contact.objects.select_for_update().filter(pk__in=contact_ids).order_by("pk")
        OptOutCheck.objects.bulk_create(
            [
                OptOutCheck(portal=portal, contact_id=pk, checked_at=asked_at)
                for pk in here.values_list("pk", flat=True)
            ],
            update_conflicts=True,
            unique_fields=["portal", "contact"],
            update_fields=["checked_at"],
        )


def forget(contact_ids: Collection[int]) -> None:
    """Check these contacts again before the next mailing, because their addresses changed."""
    OptOutCheck.objects.filter(contact__in=contact_ids).delete()
