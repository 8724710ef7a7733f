"""Find our contacts in HubSpot by all their addresses, and create missing ones.

An existing contact of HubSpot is read and never changed.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from contacts import opt_outs
from contacts.models import AlternateEmail, Contact, OptOut
from contacts.tombstones import email_hash
from core.batches import batched
from core.emails import LONGEST, email_key
from destinations.hubspot import reasons
from destinations.hubspot.client import AT_ONCE, Client
from destinations.hubspot.errors import Refusal
from destinations.hubspot.mapping import known_values
from destinations.hubspot.property_checks import definitions_of
from destinations.hubspot.records import ContactRecord, CreateResult, NewContact
from destinations.hubspot.values import (
    CheckedValues,
    LeftOutValue,
    checked_values,
)
from destinations.models import GoneAddress, HubSpotContact, Portal
from destinations.models.participation import NO_REASON
from webinars.models import Registration

State = HubSpotContact.State
# HubSpot's error codes for a contact without a required property.
_LACKING_CODES = ("MISSING_REQUIRED_PROPERTY", "MISSING_CONDITIONAL_REQUIRED_PROPERTY")
# How many times a contact is tried without the values that HubSpot refuses.
_TRIES = 4
# "true" for an opt-out from all email, which HubSpot returns with the contact.
_OPT_OUT = "hs_email_optout"


@dataclass(slots=True)
class Found:
    """The contacts that HubSpot has, and those that it does not have."""

    existing: dict[int, ContactRecord] = field(default_factory=dict)
    missing: list[int] = field(default_factory=list)
    # Missing because they were deleted there: not created again.
    gone: list[int] = field(default_factory=list)


def addresses_of(contact_ids: Collection[int]) -> dict[int, list[str]]:
    """Return all addresses of each contact, the first one first."""
    found = {
        pk: [email]
        for pk, email in Contact.objects.filter(pk__in=contact_ids).values_list("pk", "email")
    }
    further = AlternateEmail.objects.filter(contact__in=contact_ids).order_by("pk")
    for contact_id, email in further.values_list("contact_id", "email"):
        found.setdefault(contact_id, []).append(email)
    return found


def find_contacts(client: Client, portal: Portal, contact_ids: Collection[int]) -> Found:
    """Look up contacts in HubSpot by all their addresses, and save opt-outs. Raises
    HubSpotError."""
    addresses = addresses_of(contact_ids)
    owners: dict[str, int] = {}
    for contact_id, emails in addresses.items():
        for email in emails:
            owners.setdefault(email_key(email), contact_id)
    by_owner: dict[int, list[ContactRecord]] = {}
    for some in batched(sorted(owners), AT_ONCE):
        for record in client.read_contacts_by_email(some, [_OPT_OUT]):
            keys = {email_key(each) for each in (record.email, *record.additional_emails) if each}
            for contact_id in {owners[key] for key in keys if key in owners}:
                by_owner.setdefault(contact_id, []).append(record)
    _save_opt_outs(by_owner, addresses)
    gone = _gone_hashes(portal, owners)
    found = Found()
    for contact_id, emails in addresses.items():
        if records := by_owner.get(contact_id):
            found.existing[contact_id] = _best(records, emails)
        elif any(email_hash(email) in gone for email in emails):
            found.gone.append(contact_id)
        else:
            found.missing.append(contact_id)
    return found


def _save_opt_outs(
    by_owner: Mapping[int, Sequence[ContactRecord]], addresses: Mapping[int, Sequence[str]]
) -> None:
    opted_out = [
        addresses[contact_id][0]
        for contact_id, records in by_owner.items()
        if any(record.properties.get(_OPT_OUT) == "true" for record in records)
    ]
    if opted_out:
        opt_outs.opt_out_many(opted_out, OptOut.Source.CRM)


def _gone_hashes(portal: Portal, emails: Iterable[str]) -> set[str]:
    hashes = [email_hash(email) for email in emails]
    rows = GoneAddress.objects.filter(portal=portal)
    return {
        known
        for some in batched(hashes, 500)
        for known in rows.filter(email_hash__in=some).values_list("email_hash", flat=True)
    }


def _best(records: Sequence[ContactRecord], emails: Sequence[str]) -> ContactRecord:
    """Return, of several contacts of HubSpot that are one person here, the one with the earliest
    address in the list."""
    order = {email_key(email): place for place, email in reversed(list(enumerate(emails)))}

    def place(record: ContactRecord) -> tuple[int, str]:
        known = [email_key(each) for each in (record.email, *record.additional_emails) if each]
        return min(order.get(key, len(order)) for key in known), record.id

    return min(records, key=place)


def new_values(portal: Portal, contact_ids: Collection[int]) -> dict[int, CheckedValues]:
    """Return the properties with which each contact would be created."""
    definitions = definitions_of(portal)
    registrations: dict[int, list[Registration]] = {}
    for row in Registration.objects.filter(contact__in=contact_ids).order_by("-registered_at"):
        registrations.setdefault(row.contact_id, []).append(row)
    return {
        contact.pk: checked_values(
            known_values(contact, registrations.get(contact.pk, ())),
            portal.mapping,
            definitions,
            portal.required_properties or (),
        )
        for contact in Contact.objects.filter(pk__in=contact_ids)
    }


def resolve(client: Client, portal: Portal, contact_ids: Collection[int]) -> None:
    """Save which contacts of HubSpot ours are; create missing ones. Raises HubSpotError after
    saving what was done so far."""
    found = find_contacts(client, portal, contact_ids)
    link(portal, found.existing)
    for contact_id in found.gone:
        _save_unlinked(portal, contact_id, State.GONE, reasons.GONE)
    values = new_values(portal, found.missing)
    complete = {pk: checked for pk, checked in values.items() if not checked.lacking}
    for contact_id, checked in values.items():
        if checked.lacking:
            _save_unlinked(
                portal, contact_id, State.LACKING, reasons.LACKING, names=checked.lacking
            )
    for _try in range(_TRIES):
        complete = _create(client, portal, complete)
        if not complete:
            return


def _create(
    client: Client, portal: Portal, values: Mapping[int, CheckedValues]
) -> dict[int, CheckedValues]:
    """Create contacts, and return those to be retried without a value."""
    again: dict[int, CheckedValues] = {}
    for some in batched(values.items(), AT_ONCE):
        wanted = dict(some)
        inputs = [NewContact(str(pk), checked.properties) for pk, checked in wanted.items()]
        result = client.create_contacts(inputs, partial(_still_wanted, portal))
        _save_result(portal, wanted, result, again)
        if result.stopped_by is not None:
            raise result.stopped_by
    return again


def _still_wanted(portal: Portal, inputs: Sequence[NewContact]) -> list[NewContact]:
    """Return those to create: without those who were deleted here in the meantime, or found in
    HubSpot by another worker."""
    ids = [int(each.trace_id) for each in inputs]
    known = HubSpotContact.objects.filter(portal=portal, contact=OuterRef("pk"))
    wanted = Contact.objects.filter(~Exists(known), pk__in=ids)
    left = set(wanted.values_list("pk", flat=True))
    return [each for each in inputs if int(each.trace_id) in left]


def _save_result(
    portal: Portal,
    wanted: Mapping[int, CheckedValues],
    result: CreateResult,
    again: dict[int, CheckedValues],
) -> None:
    created, existing = {}, {}
    for contact_id, checked in wanted.items():
        trace = str(contact_id)
        key = email_key(checked.properties.get("email", ""))
        if hubspot_id := result.created.get(trace):
            created[contact_id] = {
                "hubspot_id": hubspot_id,
                "email_key": key,
                "left_out_values": [each.as_json() for each in checked.left_out],
            }
        elif hubspot_id := result.existing.get(trace):
            existing[contact_id] = {"hubspot_id": hubspot_id, "email_key": key}
        elif refusal := result.refused.get(trace):
            _save_refusal(portal, contact_id, checked, refusal, again)
    _write(portal, created, state=State.LINKED, created=True)
    _write(portal, existing, state=State.LINKED)


def _save_refusal(
    portal: Portal,
    contact_id: int,
    checked: CheckedValues,
    refusal: Refusal,
    again: dict[int, CheckedValues],
) -> None:
    named = refusal.property
    if refusal.code in _LACKING_CODES:
        _save_unlinked(
            portal,
            contact_id,
            State.LACKING,
            reasons.LACKING,
            words=refusal.message,
            names=[named] if named else [],
        )
    elif named in checked.properties and named != "email":
        value = checked.properties.pop(named)
        checked.left_out.append(LeftOutValue(named, value, reasons.VALUE_REFUSED))
        again[contact_id] = checked
    else:
        _save_unlinked(portal, contact_id, State.REFUSED, reasons.REFUSED, words=refusal.message)


def link(portal: Portal, existing: Mapping[int, ContactRecord]) -> None:
    """Save which contacts of HubSpot ours are."""
    rows = {
        contact_id: {"hubspot_id": record.id, "email_key": email_key(record.email)[:LONGEST]}
        for contact_id, record in existing.items()
    }
    _write(portal, rows, state=State.LINKED)


def _save_unlinked(
    portal: Portal,
    contact_id: int,
    state: HubSpotContact.State,
    code: str,
    *,
    words: str = "",
    **params: object,
) -> None:
    _write(
        portal,
        {contact_id: {"hubspot_id": ""}},
        state=state,
        reason_code=code,
        reason_params=params,
        hubspot_message=words,
    )


def _write(portal: Portal, rows: Mapping[int, Mapping[str, object]], **common: object) -> None:
    """Write the rows of contacts, with the same columns each, unless a contact was deleted."""
    common = {**NO_REASON, "checked_at": timezone.now(), **common}
    with transaction.atomic():
        contacts = Contact.objects.select_for_update().filter(pk__in=list(rows)).order_by("pk")
        found = [
            HubSpotContact(portal=portal, contact_id=pk, **{**common, **rows[pk]})
            for pk in contacts.values_list("pk", flat=True)
        ]
        if not found:
            return
        HubSpotContact.objects.bulk_create(
            found,
            update_conflicts=True,
            unique_fields=["portal", "contact"],
            update_fields=[*common, *next(iter(rows.values()))],
        )


def look_up_missing(client: Client, portal: Portal, contact_ids: Collection[int]) -> None:
    """Look up contacts once by address whose id HubSpot no longer has: merged ones are found again,
    others are gone. Raises HubSpotError."""
    found = find_contacts(client, portal, contact_ids)
    link(portal, found.existing)
    for contact_id in (*found.missing, *found.gone):
        emails = addresses_of([contact_id]).get(contact_id, [])
        row = HubSpotContact.objects.filter(portal=portal, contact=contact_id).first()
        known = {*emails, row.email_key} if row else {*emails}
        GoneAddress.objects.bulk_create(
            [GoneAddress(portal=portal, email_hash=email_hash(each)) for each in known if each],
            ignore_conflicts=True,
        )
        _save_unlinked(portal, contact_id, State.GONE, reasons.GONE)
