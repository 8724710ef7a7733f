"""Contacts: read and written individually and in batches, archived, merged, deleted for privacy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from . import associations, errors
from .calls import NO_CONTENT, Answer, Call, failure, missing_objects, properties_of
from .clock import iso
from .errors import Refusal, Shape, invalid
from .portal import Portal
from .records import Contact, record_id

KIND = "CONTACT"
DEFAULT = ("email", "firstname", "lastname")
ALWAYS = ("createdate", "hs_object_id", "lastmodifieddate")


def owned(contact: Contact) -> dict[str, str]:
    """Return the properties of a contact that only HubSpot writes; those without value are
    omitted."""
    values = {
        "createdate": iso(contact.created_at),
        "hs_additional_emails": ";".join(contact.additional_emails),
        "hs_email_domain": contact.email.partition("@")[2],
        "hs_email_optout": "true" if contact.opted_out else "",
        "hs_merged_object_ids": ";".join(map(str, contact.merged_ids)),
        "hs_object_id": str(contact.id),
        "lastmodifieddate": iso(contact.updated_at),
        "notes_last_updated": iso(contact.notes_updated_at) if contact.notes_updated_at else "",
    }
    return {name: value for name, value in values.items() if value}


def shape(
    contact: Contact,
    names: Iterable[str] | None = None,
    history: Iterable[str] = (),
    *,
    whole: bool = False,
) -> Shape:
    """Return a contact as the API shows it, with the requested properties; null for missing ones.

    `whole` shows all properties, as the answers to a creation do.
    """
    known = {**contact.properties, **owned(contact)}
    if whole:
        properties: dict[str, str | None] = dict(sorted(known.items()))
    else:
        wanted = {*(DEFAULT if names is None else names), *ALWAYS}
        properties = {name: known.get(name) or None for name in sorted(wanted)}
    shown: Shape = {
        "id": str(contact.id),
        "properties": properties,
        "createdAt": iso(contact.created_at),
        "updatedAt": iso(contact.updated_at),
        "archived": contact.archived_at is not None,
    }
    if contact.archived_at is not None:
        shown["archivedAt"] = iso(contact.archived_at)
    if history := list(history):
        shown["propertiesWithHistory"] = {
            name: [
                {"value": version.value, "timestamp": iso(version.at), "sourceType": version.source}
                for version in contact.versions(name)
            ]
            for name in history
        }
    return shown


def found(call: Call) -> Contact:
    """Return the contact of the path, by id, or by address with idProperty=email.

    Raises Refusal (404).
    """
    identifier = call.path["object_id"]
    by_email = call.query.get("idProperty") == "email"
    if call.query.get("archived") == "true" and not by_email:
        contact = call.portal.archived_contact(record_id(identifier))
    elif by_email:
        contact = call.portal.contact_by_email(identifier)
    else:
        contact = call.portal.contact(record_id(identifier))
    if contact is None:
        raise errors.not_found()
    return contact


def read(call: Call) -> Answer:
    """GET one contact."""
    contact = found(call)
    shown = shape(contact, call.names(), call.names("propertiesWithHistory") or ())
    return Answer(200, shown | associations.shown(call, contact.id))


def listed(call: Call) -> Answer:
    """GET contacts by id, a page at a time."""
    archived = call.query.get("archived") == "true"
    start, limit = call.after(), call.limit(10, 100)
    every = [
        contact
        for contact in call.portal.contacts.values()
        if (contact.archived_at is not None) == archived and contact.id > start
    ]
    every.sort(key=lambda contact: contact.id)
    page = every[:limit]
    names, history = call.names(), call.names("propertiesWithHistory") or ()
    body: Shape = {"results": [shape(contact, names, history) for contact in page]}
    if len(every) > limit:
        body["paging"] = {"next": {"after": str(page[-1].id)}}
    return Answer(200, body)


def create(call: Call) -> Answer:
    """POST one contact: 201, or 409 naming the existing one."""
    portal = call.portal
    contact = portal.create(portal.check(call.properties(), new=True))
    return Answer(201, shape(contact, whole=True))


def change(call: Call) -> Answer:
    """PATCH one contact; values are overwritten."""
    contact = found(call)
    call.portal.update(contact, call.portal.check(call.properties(), new=False))
    return Answer(200, shape(contact, whole=True))


def archive(call: Call) -> Answer:
    """DELETE: into the recycling bin. A missing one is archived too."""
    contact = call.portal.contact(record_id(call.path["object_id"]))
    if contact is not None:
        call.portal.archive(contact)
    return NO_CONTENT


def batch_read(call: Call) -> Answer:
    """POST batch/read by id or address; 207 if some are missing.

    A record is returned once, without the address that matched (seen), even if two addresses of one
    person are requested.
    """
    body, portal = call.json(), call.portal
    by_email = body.get("idProperty") == "email"
    archived = call.query.get("archived") == "true"
    records: dict[int, Contact] = {}
    missing: list[str] = []
    for each in call.inputs():
        identifier = str(each.get("id", ""))
        if by_email:
            contact = portal.contact_by_email(identifier)
        elif archived:
            contact = portal.archived_contact(record_id(identifier))
        else:
            contact = portal.contact(record_id(identifier))
        if contact is None:
            missing.append(identifier)
        else:
            records[contact.id] = contact
    names, history = body.get("properties"), body.get("propertiesWithHistory") or []
    results = [shape(contact, names, history) for contact in records.values()]
    return call.batch(results, [missing_objects(KIND, missing)] if missing else None)


def batch_create(call: Call) -> Answer:
    """POST batch/create: all or nothing, unless each input has its own objectWriteTraceId."""
    inputs = call.inputs()
    traces = [each.get("objectWriteTraceId") for each in inputs]
    if not all(traces) or len(set(traces)) < len(traces):
        created = _create_all(call.portal, inputs)
        return call.batch([shape(contact, whole=True) for contact in created], status=201)
    if not call.portal.conflicts_by_row:
        _refuse_known(call.portal, inputs)
    results: list[Shape] = []
    failures: list[Shape] = []
    for each, trace in zip(inputs, map(str, traces), strict=True):
        try:
            contact = call.portal.create(call.portal.check(properties_of(each), new=True))
        except Refusal as refusal:
            failures.append(failure(refusal, objectWriteTraceId=[trace]))
        else:
            results.append(shape(contact, whole=True) | {"objectWriteTraceId": trace})
    return call.batch(results, failures, status=201)


def _create_all(portal: Portal, inputs: list[Any]) -> list[Contact]:
    """Create all, or raise the first refusal (seen: it names one contact only)."""
    checked = [portal.check(properties_of(each), new=True) for each in inputs]
    _refuse_known(portal, inputs)
    return [portal.create(values) for values in checked]


def _refuse_known(portal: Portal, inputs: list[Any]) -> None:
    """Raise Refusal (409) for the first address that a contact, or an earlier input, has."""
    before: set[str] = set()
    for each in inputs:
        email = str(properties_of(each).get("email") or "").strip().casefold()
        known = portal.contact_by_email(email) if email else None
        if known is not None:
            raise errors.conflict(known.id)
        if email in before:
            # The id that the first of the two would have had.
            raise errors.conflict(portal.next_id())
        if email:
            before.add(email)


def _target(portal: Portal, each: Mapping[str, Any]) -> Contact | None:
    identifier, property_name = str(each.get("id", "")), each.get("idProperty")
    if property_name == "email":
        return portal.contact_by_email(identifier)
    contact = portal.contact(record_id(identifier))
    return contact if contact is not None and str(contact.id) == identifier else None


def batch_update(call: Call) -> Answer:
    """POST batch/update; missing contacts are silently omitted (seen for merged ids)."""
    portal = call.portal
    pairs = [
        (contact, portal.check(properties_of(each), new=False))
        for each in call.inputs()
        if (contact := _target(portal, each)) is not None
    ]
    for contact, values in pairs:
        portal.update(contact, values)
    return call.batch([shape(contact, whole=True) for contact, _ in pairs])


def batch_upsert(call: Call) -> Answer:
    """POST batch/upsert; an existing contact's values are overwritten (documented)."""
    portal = call.portal
    inputs = call.inputs()
    checked = [portal.check(properties_of(each), new=False) for each in inputs]
    results: list[Shape] = []
    for each, values in zip(inputs, checked, strict=True):
        contact = _target(portal, each)
        new = contact is None
        if contact is None:
            given = {"email": str(each["id"])} if each.get("idProperty") == "email" else {}
            contact = portal.create(portal.check({**given, **values}, new=True))
        else:
            portal.update(contact, values)
        results.append(shape(contact, whole=True) | {"new": new})
    return call.batch(results)


def batch_archive(call: Call) -> Answer:
    """POST batch/archive."""
    for each in call.inputs():
        contact = _target(call.portal, {"id": each.get("id")})
        if contact is not None:
            call.portal.archive(contact)
    return NO_CONTENT


def merge(call: Call) -> Answer:
    """POST merge; the survivor has a new id (documented)."""
    body = call.json()
    primary, other = (
        call.portal.find(str(body.get(name, ""))) for name in ("primaryObjectId", "objectIdToMerge")
    )
    if primary is None or other is None:
        raise errors.not_found()
    if primary is other:
        raise invalid("Cannot merge an object with itself")
    return Answer(200, shape(call.portal.merge(primary, other), whole=True))


def privacy_delete(call: Call) -> Answer:
    """POST gdpr-delete by id or, with idProperty email, by address."""
    contact = call.portal.find(str(call.json().get("objectId", "")))
    if contact is not None:
        call.portal.erase(contact)
    return NO_CONTENT
