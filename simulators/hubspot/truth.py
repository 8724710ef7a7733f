"""The portal's actual content, as plain lists to compare with."""

from __future__ import annotations

from typing import Any

from .clock import iso
from .events import external_shape as event_shape
from .participation import present
from .portal import Portal
from .records import Contact


def truth(portal: Portal) -> dict[str, Any]:
    """Return all data, without the delay of consistency.

    ``properties`` are those that someone wrote, without HubSpot's own; ``history`` has every value
    of each, newest first. ``participations`` has a line for each activity; ``current`` is the one
    that determines the contact's current state. Ids are texts, ``occurred_at`` and ``timestamp``
    milliseconds, ``seconds`` how long they attended.
    """
    return {
        "contacts": [_contact(each) for each in portal.contacts.values()],
        "erased": [{"email": email, "at": iso(at)} for email, at in portal.erased],
        "events": [
            {
                **event_shape(event),
                "externalEventId": event.external_event_id,
                "externalAccountId": event.external_account_id,
                "lists": [str(each) for each in event.list_ids],
            }
            for event in portal.events.values()
        ],
        "participations": _participations(portal),
        "notes": [
            {
                "id": str(note.id),
                "contacts": [str(each) for each in note.contact_ids],
                "emails": [
                    portal.contacts[each].email
                    for each in note.contact_ids
                    if each in portal.contacts
                ],
                "body": note.properties.get("hs_note_body", ""),
                "properties": note.properties,
                "archived": note.archived_at is not None,
            }
            for note in portal.notes.values()
        ],
        "lists": [
            {
                "id": str(each.id),
                "name": each.name,
                "processing_type": each.processing_type,
                "members": [str(member) for member in each.members],
            }
            for each in portal.lists.values()
        ],
        "forms": [
            {"id": form.id, "name": form.name, "submissions": len(form.submissions)}
            for form in portal.forms.values()
        ],
    }


def _contact(contact: Contact) -> dict[str, Any]:
    return {
        "id": str(contact.id),
        "properties": contact.properties,
        "history": {
            name: [
                {"value": version.value, "timestamp": version.at, "source": version.source}
                for version in contact.versions(name)
            ]
            for name in contact.properties
        },
        "additional_emails": contact.additional_emails,
        "archived": contact.archived_at is not None,
        "merged_ids": [str(each) for each in contact.merged_ids],
        "opted_out": contact.opted_out,
    }


def _participations(portal: Portal) -> list[dict[str, Any]]:
    rows = []
    for event in portal.events.values():
        current = {id(one) for _, one in present(event, event.activities).values()}
        for one in event.activities:
            contact = portal.contacts.get(one.contact_id)
            rows.append(
                {
                    "event": event.external_event_id,
                    "event_id": str(event.id),
                    "contact": str(one.contact_id),
                    "email": contact.email if contact is not None else "",
                    "state": one.state,
                    "occurred_at": one.occurred_at,
                    "seconds": one.seconds,
                    "current": id(one) in current,
                }
            )
    return rows
