"""Control calls that change the portal, as its users would. Each documents its parameters."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from .clock import parse_iso
from .definitions import read_definition
from .portal import Portal
from .records import Contact, ContactList, Form, MarketingEvent, Submission, fold

Body = Mapping[str, Any]
PEOPLE, FORM = "CRM_UI", "FORM"
# The id of an app without any credential here.
OTHER_APP = 35161


def contact(portal: Portal, body: Body) -> object:
    """``{"email", "additional_emails"?, "properties"?}``: create the contact, or change it."""
    email = str(body["email"])
    further = [fold(str(each)) for each in body.get("additional_emails", [])]
    found = portal.contact_by_email(email)
    for address in further:
        if portal.contact_by_email(address) not in (None, found):
            raise ValueError(f"another contact has {address}")
    properties = dict(body.get("properties", {}))
    if found is None:
        values = portal.check({"email": email, **properties}, new=True, rules=False)
        found = portal.create(values, PEOPLE)
    else:
        portal.update(found, portal.check(properties, new=False), PEOPLE)
    known = found.addresses()
    if new := [address for address in further if address not in known]:
        found.additional_emails += new
        found.updated_at = portal.changed()
        portal.index(found)
    return {"id": str(found.id)}


def named(portal: Portal, body: Body, name: str = "email") -> Contact:
    """Return the contact whose ``id`` or `name`, an address or an id, is in a body."""
    identifier = str(body["id"] if name == "email" and "id" in body else body[name])
    found = portal.find(identifier)
    if found is None:
        raise ValueError(f"there is no contact {identifier}")
    return found


def archive(portal: Portal, body: Body) -> object:
    """``{"email" | "id"}``: delete the contact, as users do; it can be restored."""
    found = named(portal, body)
    portal.archive(found)
    return {"id": str(found.id)}


def erase(portal: Portal, body: Body) -> object:
    """``{"email" | "id"}``: delete the contact permanently."""
    found = named(portal, body)
    portal.erase(found)
    return {"id": str(found.id)}


def merge(portal: Portal, body: Body) -> object:
    """``{"primary", "other", "keep_id"?}``: merge `other` into `primary`, each an address or an
    id. The survivor has a new id unless ``keep_id``."""
    primary, other = named(portal, body, "primary"), named(portal, body, "other")
    if primary is other:
        raise ValueError("primary and other are one contact")
    survivor = portal.merge(primary, other, keep_id=bool(body.get("keep_id")))
    return {"id": str(survivor.id), "merged": [str(primary.id), str(other.id)]}


def opt_out(portal: Portal, body: Body) -> object:
    """``{"email" | "id", "on"?}``: unsubscribe the contact from all email, or undo it; with
    ``{"address"}`` only an address, with or without a contact."""
    if "address" in body:
        portal.opted_out_addresses[fold(str(body["address"]))] = portal.changed()
        return {"address": body["address"], "on": True}
    found = named(portal, body)
    found.opted_out = bool(body.get("on", True))
    found.updated_at = portal.changed()
    return {"id": str(found.id), "on": found.opted_out}


def submit_form(portal: Portal, body: Body) -> object:
    """``{"email", "form"?, "values"?, "submitted_at"?, "page_url"?, "conversion_id"?,
    "contact"?}``: submit a form, named by its id or name, by default the first one. It creates or
    changes the contact.

    ``submitted_at`` is ISO 8601 or milliseconds; ``conversion_id`` false omits the id. With
    ``contact`` false nothing is validated, and the contact is unchanged.
    """
    form = _form(portal, body.get("form"))
    email = str(body.get("email", "")) if body.get("contact") is False else str(body["email"])
    given = {str(name): str(value) for name, value in dict(body.get("values", {})).items()}
    found_id = 0 if body.get("contact") is False else _visitor(portal, email, given)
    at = body.get("submitted_at")
    moment = portal.changed() if at is None else at if isinstance(at, int) else parse_iso(at)
    conversion = f"{found_id}-{len(form.submissions)}"
    form.submissions.append(
        Submission(
            moment,
            [("email", email)] * bool(email) + list(given.items()),
            str(body.get("page_url", "https://www.example.com/webinar")),
            conversion if body.get("conversion_id", True) else None,
        )
    )
    return {"id": str(found_id), "form": form.id, "submitted_at": moment}


def _visitor(portal: Portal, email: str, given: dict[str, str]) -> int:
    """Return the id of the contact who sends a form, with the submitted values."""
    known = {
        name: value
        for name, value in given.items()
        if name in portal.definitions and not portal.definitions[name].read_only
    }
    found = portal.contact_by_email(email)
    if found is None:
        values = portal.check({"email": email, **known}, new=True, rules=False)
        found = portal.create(values, FORM)
    else:
        portal.update(found, portal.check(known, new=False), FORM)
    return found.id


def set_form(portal: Portal, body: Body) -> object:
    """``{"name", "fields"?: [[name, label], …]}``: create a form, or add fields to it; ``{"name",
    "removed": true}`` deletes it."""
    name = str(body["name"])
    known = next((each for each in portal.forms.values() if each.name == name), None)
    if body.get("removed"):
        removed = _form(portal, name)
        del portal.forms[removed.id]
        return {"id": removed.id, "removed": True}
    form = known or Form(str(uuid.uuid5(uuid.NAMESPACE_URL, name)), name, portal.changed())
    form.fields = [(str(each), str(label)) for each, label in body.get("fields", [])]
    portal.forms[form.id] = form
    return {"id": form.id}


def _form(portal: Portal, wanted: object) -> Form:
    if wanted is None:
        return next(iter(portal.forms.values()))
    for form in portal.forms.values():
        if wanted in (form.id, form.name):
            return form
    raise ValueError(f"there is no form {wanted}")


def set_list(portal: Portal, body: Body) -> object:
    """``{"name", "members"?: [email or id, …], "processing_type"?, "object_type"?}``: create a
    list, or add members to it, also to one with conditions; ``{"name", "removed": true}`` deletes
    it."""
    name = str(body["name"])
    found = next((each for each in portal.lists.values() if each.name == name), None)
    if body.get("removed"):
        if found is None:
            raise ValueError(f"there is no list {name}")
        del portal.lists[found.id]
        return {"id": str(found.id), "removed": True}
    now = portal.changed()
    if found is None:
        found = ContactList(
            portal.next_id(),
            name,
            str(body.get("processing_type", "DYNAMIC")),
            now,
            now,
            object_type=str(body.get("object_type", "0-1")),
        )
        portal.lists[found.id] = found
    for each in body.get("members", []):
        found.members.setdefault(named(portal, {"id": each}).id, now)
    return {"id": str(found.id), "members": len(found.members)}


def set_property(portal: Portal, body: Body) -> object:
    """``{"name", "label", "type", "fieldType", "options"?, "modificationMetadata"?}``: define a
    contact property, or another type for it; ``{"name", "removed": true}`` removes it."""
    if body.get("removed"):
        portal.definitions.pop(str(body["name"]), None)
        return {"name": body["name"], "removed": True}
    definition = read_definition(body)
    portal.definitions[definition.name] = definition
    return definition.shape()


def set_event(portal: Portal, body: Body) -> object:
    """``{"name", "starts_at"?, "ends_at"?, "external_event_id"?, "external_account_id"?, "app"?}``:
    create a marketing event of another app, by default HubSpot's own for GoToWebinar."""
    now = portal.changed()
    times = {"startDateTime": body.get("starts_at"), "endDateTime": body.get("ends_at")}
    event = MarketingEvent(
        id=portal.next_id(),
        app_id=OTHER_APP,
        external_account_id=str(body.get("external_account_id", "hubspot")),
        external_event_id=str(body.get("external_event_id", uuid.uuid4())),
        created_at=now,
        updated_at=now,
        fields={
            "eventName": str(body["name"]),
            "eventOrganizer": "HubSpot",
            **{name: parse_iso(value) for name, value in times.items() if value},
            "eventCancelled": False,
            "eventCompleted": False,
        },
        app_name=str(body.get("app", "GoToWebinar")),
    )
    portal.events[event.id] = event
    return {"id": str(event.id)}


def set_event_properties(portal: Portal, body: Body) -> object:
    """``{"names": […]}``: the custom properties that marketing events have."""
    portal.event_properties = {str(name) for name in body["names"]}
    return {"names": sorted(portal.event_properties)}


def require(portal: Portal, body: Body) -> object:
    """``{"properties"?: […], "conditional"?: [{"property", "when", "is"}], "in_schema"?}``: what
    the portal's administrators require of a new contact; with ``in_schema`` false the schema of
    contacts does not show it."""
    portal.rules.required = [str(name) for name in body.get("properties", [])]
    portal.rules.conditional = [
        (str(each["property"]), str(each["when"]), str(each["is"]))
        for each in body.get("conditional", [])
    ]
    portal.rules.in_schema = bool(body.get("in_schema", True))
    return {"properties": portal.rules.required, "conditional": len(portal.rules.conditional)}


CHANGES: dict[str, Callable[[Portal, Body], object]] = {
    "contact": contact,
    "archive": archive,
    "erase": erase,
    "merge": merge,
    "opt-out": opt_out,
    "submit-form": submit_form,
    "form": set_form,
    "list": set_list,
    "property": set_property,
    "event": set_event,
    "event-properties": set_event_properties,
    "require": require,
}
