"""Lists of contacts (HubSpot's pages call them segments)."""

from __future__ import annotations

from typing import Any

from . import errors
from .calls import NO_CONTENT, Answer, Call
from .clock import iso
from .errors import Shape, invalid
from .records import ContactList, record_id

CONTACTS = "0-1"
PROCESSING_TYPES = ("MANUAL", "SNAPSHOT", "DYNAMIC")


def shape(each: ContactList) -> Shape:
    """Return a list as the API shows it."""
    return {
        "listId": str(each.id),
        "name": each.name,
        "objectTypeId": each.object_type,
        "processingType": each.processing_type,
        "processingStatus": "COMPLETE",
        "listVersion": 1,
        "size": len(each.members),
        "createdAt": iso(each.created_at),
        "updatedAt": iso(each.updated_at),
    }


def _one(call: Call) -> ContactList:
    identifier = call.path["list_id"]
    found = call.portal.lists.get(record_id(identifier) or 0)
    if found is None:
        raise errors.not_found(f"List does not exist with ID {identifier}.")
    return found


def _named(call: Call, name: str, object_type: str = CONTACTS) -> ContactList | None:
    of_type = (each for each in call.portal.lists.values() if each.object_type == object_type)
    return next((each for each in of_type if each.name == name), None)


def create(call: Call) -> Answer:
    """POST a list: 200; its name is unique in the portal."""
    body = call.json()
    name, kind = body.get("name"), body.get("processingType")
    if not isinstance(name, str) or not name.strip():
        raise invalid("Some required fields were not set: [name]")
    if kind not in PROCESSING_TYPES:
        raise invalid(f"processingType is one of {', '.join(PROCESSING_TYPES)}")
    if body.get("objectTypeId") != CONTACTS:
        raise invalid(f"This portal has lists of {CONTACTS} only")
    if _named(call, name) is not None:
        raise invalid(f"A list with the name '{name}' already exists.")
    now = call.portal.changed()
    made = ContactList(call.portal.next_id(), name, kind, now, now)
    call.portal.lists[made.id] = made
    return Answer(200, {"list": shape(made)})


def read(call: Call) -> Answer:
    """GET one list."""
    return Answer(200, {"list": shape(_one(call))})


def by_name(call: Call) -> Answer:
    """GET one list by its name among lists of contacts."""
    name = call.path["list_name"]
    found = _named(call, name, call.path["object_type_id"])
    if found is None:
        raise errors.not_found(f"List does not exist with name {name}.")
    return Answer(200, {"list": shape(found)})


def listed(call: Call) -> Answer:
    """GET lists; `listIds` chooses."""
    wanted = call.names("listIds")
    lists = [
        shape(each)
        for each in call.portal.lists.values()
        if wanted is None or str(each.id) in wanted
    ]
    return Answer(200, {"lists": lists})


def search(call: Call) -> Answer:
    """POST search by a part of the name."""
    body = call.json()
    text, offset = str(body.get("query") or "").casefold(), int(body.get("offset") or 0)
    count = int(body.get("count") or 20)
    matching = [each for each in call.portal.lists.values() if text in each.name.casefold()]
    page = matching[offset : offset + count]
    return Answer(
        200,
        {
            "lists": [_found(each, body.get("additionalProperties") or []) for each in page],
            "offset": offset + len(page),
            "hasMore": offset + len(page) < len(matching),
            "total": len(matching),
        },
    )


def _found(each: ContactList, names: list[str]) -> Shape:
    """Return a list as a search shows it, with the additional properties requested."""
    further = {"hs_list_size": str(len(each.members))}
    shown = {name: value for name, value in shape(each).items() if name != "size"}
    asked = {name: value for name, value in further.items() if name in names}
    return shown | {"additionalProperties": asked}


def rename(call: Call) -> Answer:
    """PUT a new name."""
    found, name = _one(call), call.query.get("listName", "")
    if not name or _named(call, name) not in (None, found):
        raise invalid(f"A list with the name '{name}' already exists.")
    found.name, found.updated_at = name, call.portal.changed()
    return Answer(200, {"updatedList": shape(found)})


def delete(call: Call) -> Answer:
    """DELETE a list; its members stay contacts."""
    del call.portal.lists[_one(call).id]
    call.portal.changed()
    return NO_CONTENT


def members(call: Call) -> Answer:
    """GET the members by record id, a page at a time."""
    found = _one(call)
    start, limit = call.after(), call.limit(100, 250)
    ids = sorted(each for each in found.members if each > start)
    rows = [
        {"recordId": str(each), "membershipTimestamp": iso(found.members[each])}
        for each in ids[:limit]
    ]
    body: Shape = {"results": rows, "total": len(found.members)}
    if len(ids) > limit:
        body["paging"] = {"next": {"after": str(ids[limit - 1])}}
    return Answer(200, body)


def add(call: Call) -> Answer:
    """PUT memberships/add: a bare array of record ids."""
    return _change(call, call.body, [])


def remove(call: Call) -> Answer:
    """PUT memberships/remove: a bare array of record ids."""
    return _change(call, [], call.body)


def add_and_remove(call: Call) -> Answer:
    """PUT memberships/add-and-remove."""
    body = call.json()
    return _change(call, body.get("recordIdsToAdd", []), body.get("recordIdsToRemove", []))


def _change(call: Call, to_add: Any, to_remove: Any) -> Answer:
    found = _one(call)
    for ids in (to_add, to_remove):
        if not isinstance(ids, list) or not all(record_id(each) for each in ids):
            raise invalid("Record ids are an array of numbers")
    if found.processing_type == "DYNAMIC":
        raise invalid("Memberships of a DYNAMIC list cannot be changed.")
    now = call.portal.changed()
    added, removed, missing = [], [], []
    for each in dict.fromkeys(map(str, to_add)):
        if call.portal.contact(int(each)) is None:
            missing.append(each)
        elif int(each) not in found.members:
            found.members[int(each)] = now
            added.append(each)
    for each in dict.fromkeys(map(str, to_remove)):
        if found.members.pop(int(each), None) is not None:
            removed.append(each)
    if added or removed:
        found.updated_at = now
    # HubSpot spells the first name like this.
    body = {
        "recordsIdsAdded": added,
        "recordIdsRemoved": removed,
        "recordIdsMissing": missing,
    }
    return Answer(200, body)
