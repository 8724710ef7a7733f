"""The calls for lists of contacts with manual members (HubSpot calls them static)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from destinations.hubspot import answers
from destinations.hubspot.client import VERSION, Client, check_batch, part
from destinations.hubspot.errors import NotFound, ServerError

_LISTS = f"/crm/lists/{VERSION}"
_EVENTS = f"/marketing/marketing-events/{VERSION}"
# The type of objects that a list of contacts has.
CONTACTS = "0-1"
_MANUAL = "MANUAL"
# Lists whose members can be changed by calls.
CHANGEABLE = frozenset({_MANUAL, "SNAPSHOT"})


@dataclass(frozen=True, slots=True)
class ListRecord:
    """A list of HubSpot; `processing_type` is MANUAL, SNAPSHOT or DYNAMIC. `size` is None if it is
    missing."""

    id: str
    name: str
    processing_type: str
    created_at: dt.datetime | None = None
    object_type: str = CONTACTS
    size: int | None = None


@dataclass(frozen=True, slots=True)
class AddResult:
    """Which contacts were added, and which HubSpot does not know; others were members before."""

    added: frozenset[str]
    missing: frozenset[str]


@dataclass(frozen=True, slots=True)
class MemberPage:
    """The times when contacts became members, by id; `next` is the cursor of the next page, ""
    after the last."""

    since: dict[str, dt.datetime | None]
    next: str = ""


def create_list(client: Client, name: str) -> ListRecord:
    """Create an empty list. Raises HubSpotError; RequestRefused if the name is taken."""
    wanted = {"name": name, "objectTypeId": CONTACTS, "processingType": _MANUAL}
    return _record(client.call("POST", _LISTS, json=wanted))


def list_named(client: Client, name: str) -> ListRecord | None:
    """Return the list of contacts with a name; None if there is none. Raises HubSpotError."""
    path = f"{_LISTS}/object-type-id/{CONTACTS}/name/{part(name)}"
    try:
        return _record(client.call("GET", path))
    except NotFound:
        return None


def read_list(client: Client, list_id: str) -> ListRecord:
    """Return a list. Raises HubSpotError; NotFound if it was deleted."""
    return _record(client.call("GET", f"{_LISTS}/{part(list_id)}"))


def add_members(client: Client, list_id: str, contact_ids: Sequence[str]) -> AddResult:
    """Add at most 100 contacts to a list. Raises HubSpotError; NotFound if it was deleted."""
    check_batch(contact_ids)
    path = f"{_LISTS}/{part(list_id)}/memberships"
    body = client.call("PUT", f"{path}/add", json=list(contact_ids))
    # HubSpot uses this spelling; its documentation has the other one.
    added = _ids(body.get("recordsIdsAdded")) | _ids(body.get("recordIdsAdded"))
    return AddResult(added, _ids(body.get("recordIdsMissing")))


def remove_members(client: Client, list_id: str, contact_ids: Sequence[str]) -> None:
    """Remove at most 100 contacts from a list, members or not. Raises HubSpotError; NotFound if it
    was deleted."""
    check_batch(contact_ids)
    path = f"{_LISTS}/{part(list_id)}/memberships"
    client.call("PUT", f"{path}/remove", json=list(contact_ids))


def members(client: Client, list_id: str, after: str = "") -> MemberPage:
    """Return a page of a list's members. Raises HubSpotError."""
    params = {"limit": "250", **({"after": after} if after else {})}
    body = client.call("GET", f"{_LISTS}/{part(list_id)}/memberships", params)
    since = {
        contact_id: _time(row.get("membershipTimestamp"))
        for row in answers.rows_of(body)
        if (contact_id := answers.text(row.get("recordId")))
    }
    return MemberPage(since, answers.next_page(body))


def show_on_event(client: Client, list_id: str, object_id: str) -> None:
    """Show a list on the page of a marketing event. Raises HubSpotError."""
    path = f"{_EVENTS}/associations/{part(object_id)}/lists"
    client.call("PUT", f"{path}/{part(list_id)}")


def _record(body: dict[str, Any]) -> ListRecord:
    row = body.get("list")
    found = row if isinstance(row, dict) else body
    list_id = answers.text(found.get("listId"))
    if not list_id:
        raise ServerError("UNREADABLE", status=200)
    return ListRecord(
        list_id,
        answers.text(found.get("name")),
        answers.text(found.get("processingType")),
        _time(found.get("createdAt")),
        answers.text(found.get("objectTypeId")) or CONTACTS,
        answers.number(found.get("size")),
    )


def _ids(rows: object) -> frozenset[str]:
    found = rows if isinstance(rows, list) else []
    return frozenset(each for row in found if (each := answers.text(row)))


def _time(value: object) -> dt.datetime | None:
    try:
        at = dt.datetime.fromisoformat(answers.text(value))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=dt.UTC)
