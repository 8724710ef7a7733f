"""Import the contacts of a HubSpot list: chosen by name, read page by page, never changed.

HubSpot only lists all lists in its search, which is not used: users enter the name of the list.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from contact_imports.further_values import OPT_OUT
from contact_imports.mapping import NAMES, RECORD
from contact_imports.sources import Column, FoundList, ListPortion, SourceDelayed, SourceError
from contacts.matching import ids_by_email
from contacts.models import OptOut
from contacts.tombstones import tombstones_of
from core.emails import email_key
from core.rate_limit.database import Priority
from destinations.error_messages import explain, words_of
from destinations.hubspot import access, lists_client, reasons
from destinations.hubspot.client import AT_ONCE, Client
from destinations.hubspot.deadline import Deadline
from destinations.hubspot.errors import (
    Delayed,
    HubSpotError,
    NotFound,
    ServerError,
    TokenRefused,
)
from destinations.hubspot.lists_client import ListRecord
from destinations.hubspot.property_checks import definitions_of
from destinations.hubspot.records import ContactRecord, PropertyDefinition
from destinations.models import Portal
from destinations.models.portal import IS_READY, STANDARD_MAPPING

_OPT_OUT = "hs_email_optout"
# The URL of a list contains its number.
_ADDRESS = re.compile(r"https?://\S*/(?:objectLists|lists)/(\d{1,18})(?:[/?#]\S*)?", re.IGNORECASE)
_RECORD_ID = "Record ID"
_EMAIL = "Email"


class HubSpotLists:
    """The lists of the connected portal as a source of imports (`contact_imports.sources`)."""

    key = "hubspot"
    order = 10
    name = "HubSpot"
    label = gettext_lazy("List in HubSpot")
    field_label = gettext_lazy("Name, number or address of the list")
    help_text = gettext_lazy(
        "All members are read, and you see a preview before anything is imported. Contacts are "
        "matched by email, and existing ones are updated. Nothing is changed in HubSpot."
    )
    permissions = ("destinations.view_portal",)
    opt_out_source = OptOut.Source.CRM

    def is_available(self) -> bool:
        return Portal.objects.filter(IS_READY).exists()

    def find(self, text: str) -> FoundList:
        portal = Portal.objects.joined().first()
        if portal is None:
            raise SourceError(reasons.LIST_NOT_CONNECTED)
        try:
            limit = Deadline.of_form()
            client = access.client_for(portal, Priority.INTERACTIVE, deadline=limit)
            found = _find(client, text.strip())
        except HubSpotError as error:
            _note(portal, error)
            raise _source_error(error) from None
        if found is None:
            raise SourceError(reasons.LIST_NOT_FOUND)
        if found.object_type != lists_client.CONTACTS:
            raise SourceError(reasons.LIST_OF_OTHERS)
        return FoundList(f"{portal.pk}/{found.id}", found.name or found.id, found.size)

    def columns(self) -> Sequence[Column]:
        portal = Portal.objects.joined().first()
        definitions = definitions_of(portal) if portal else {}

        def heading(name: str) -> str:
            return definitions[name].label if name in definitions else name

        return [
            Column(_RECORD_ID, RECORD),
            Column(_EMAIL, "email"),
            *(
                Column(heading(name), ours)
                for ours, name in _properties(portal).items()
                if ours != "email"
            ),
            Column(heading(_OPT_OUT), OPT_OUT),
        ]

    def read(self, key: str, columns: Sequence[Column], position: Mapping[str, Any]) -> ListPortion:
        portal_pk, _slash, list_id = key.partition("/")
        portal = Portal.objects.joined().filter(pk=portal_pk).first()
        if portal is None:
            raise SourceError(reasons.LIST_NOT_CONNECTED)
        try:
            client = access.client_for(portal, Priority.MANUAL)
            return _read(client, portal, list_id, columns, position)
        except NotFound as error:
            raise SourceError(reasons.LIST_DELETED, source_message=words_of(error)) from None
        except HubSpotError as error:
            _note(portal, error)
            raise _source_error(error) from None

    def record_url(self, record: str) -> str:
        portal = Portal.objects.connected()
        return portal.contact_url(record) if portal else ""

    def title(self, name: str, count: int | None) -> str:
        if count is None:
            return _("HubSpot list “%(name)s”") % {"name": name}
        text = ngettext(
            "HubSpot list “%(name)s”, %(count)d contact",
            "HubSpot list “%(name)s”, %(count)d contacts",
            count,
        )
        return text % {"name": name, "count": count}


LISTS = HubSpotLists()


def _note(portal: Portal, error: HubSpotError) -> None:
    # A missing scope for reading lists does not affect sending.
    if isinstance(error, TokenRefused):
        access.note_error(portal, error)


def _source_error(error: HubSpotError) -> SourceError:
    code, params = explain(error)
    source_message = words_of(error)
    if isinstance(error, Delayed):
        return SourceDelayed(code, params, source_message, retry_after=error.retry_after)
    if isinstance(error, ServerError):
        return SourceDelayed(code, params, source_message)
    return SourceError(code, params, source_message)


def _find(client: Client, text: str) -> ListRecord | None:
    """Return the list with a name, number or URL; None if there is none.

    Raises HubSpotError.
    """
    address = _ADDRESS.fullmatch(text)
    if address is None and (found := lists_client.list_named(client, text)) is not None:
        return found
    number = address[1] if address else text
    if not (number.isascii() and number.isdecimal()):
        return None
    try:
        return lists_client.read_list(client, number)
    except NotFound:
        return None


def _properties(portal: Portal | None) -> dict[str, str]:
    """Return the property of HubSpot for each of our fields, in our order."""
    mapping = {**STANDARD_MAPPING, **(portal.mapping if portal else {}), "email": "email"}
    return {name: mapping[name] for name in NAMES}


def _read(
    client: Client,
    portal: Portal,
    list_id: str,
    columns: Sequence[Column],
    position: Mapping[str, Any],
) -> ListPortion:
    """Return the next members, at most 100. `position` has ids that were listed but not read yet,
    and the cursor of the next page of ids, "" after the last. Raises HubSpotError."""
    ids, after = [*position.get("ids", ())], position.get("after", "")
    if not ids and (after or not position):
        page = lists_client.members(client, list_id, after)
        # A page whose cursor is its own is the last one.
        ids, after = [*page.since], page.next if page.next != after else ""
    now, later = ids[:AT_ONCE], ids[AT_ONCE:]
    properties = _properties(portal)
    records = client.read_contacts(now, [*properties.values(), _OPT_OUT])
    emails = _addresses(records)
    definitions = definitions_of(portal)
    rows = [
        [_cell(column, record, email, properties, definitions) for column in columns]
        for record, email in zip(records, emails, strict=True)
    ]
    return ListPortion(
        rows,
        {"ids": later, "after": after} if later or after else None,
        max(0, len(now) - len(records)),
    )


def _cell(
    column: Column,
    record: ContactRecord,
    email: str,
    properties: Mapping[str, str],
    definitions: Mapping[str, PropertyDefinition],
) -> str:
    if column.meaning == "email":
        return email
    if column.meaning == OPT_OUT:
        return "yes" if record.properties.get(_OPT_OUT) == "true" else ""
    if column.meaning in properties:
        name = properties[column.meaning]
        return _shown(record.properties.get(name) or "", definitions.get(name))
    return record.id


def _shown(value: str, definition: PropertyDefinition | None) -> str:
    """Return a value as HubSpot shows it: the labels of choices."""
    options = {option.value: option.label for option in definition.options} if definition else {}
    if not options or not value:
        return value
    return "; ".join(options.get(each) or each for each in value.split(";"))


def _addresses(records: Sequence[ContactRecord]) -> list[str]:
    """Return the address by which each of HubSpot's contacts is imported: the first one, unless
    they are known or were erased here by another."""
    of_each = [
        [each for each in (record.email, *record.additional_emails) if each] for record in records
    ]
    keys = {email_key(each) for emails in of_each for each in emails}
    known = ids_by_email(keys)
    erased = {key for key, stone in tombstones_of(keys - known.keys()).items() if stone.permanent}
    return [_address(emails, known.keys(), erased) for emails in of_each]


def _address(emails: Sequence[str], known: Collection[str], erased: Collection[str]) -> str:
    for wanted in (known, erased):
        for each in emails:
            if email_key(each) in wanted:
                return each
    return emails[0] if emails else ""
