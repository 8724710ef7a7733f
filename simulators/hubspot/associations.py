"""Which notes are on a contact, in each of HubSpot's representations."""

from __future__ import annotations

from . import errors
from .calls import Answer, Call
from .errors import Shape
from .records import record_id

NOTE_TO_CONTACT, CONTACT_TO_NOTE = 202, 201
CONTACTS, NOTES = ("contacts", "contact", "0-1"), ("notes", "note", "0-46")


def shown(call: Call, contact_id: int) -> Shape:
    """Return the `associations` requested by a read of a contact."""
    wanted = call.names("associations") or []
    ids = [note.id for note in call.portal.notes_of(contact_id)]
    if not ids or not set(wanted) & set(NOTES):
        return {}
    rows = [{"id": str(each), "type": "contact_to_note"} for each in ids]
    return {"associations": {"notes": {"results": rows}}}


def shown_of_note(call: Call, contact_ids: list[int]) -> Shape:
    """Return the `associations` requested by a read of a note."""
    if not contact_ids or not set(call.names("associations") or []) & set(CONTACTS):
        return {}
    rows = [{"id": str(each), "type": "note_to_contact"} for each in contact_ids]
    return {"associations": {"contacts": {"results": rows}}}


def of_object(call: Call) -> Answer:
    """GET the notes of a contact, or the contacts of a note."""
    rows = _rows(call, call.path["object_type"], call.path["object_id"], call.path["to_type"])
    if rows is None:
        raise errors.not_found()
    page, paging = call.page(rows, 500, 500)
    return Answer(200, {"results": page, **paging})


def batch_read(call: Call) -> Answer:
    """POST associations/{from}/{to}/batch/read."""
    results = []
    for each in call.inputs():
        identifier = str(each.get("id", ""))
        rows = _rows(call, call.path["object_type"], identifier, call.path["to_type"])
        if rows:
            results.append({"from": {"id": identifier}, "to": rows})
    return call.batch(results)


def _rows(call: Call, kind: str, identifier: str, to: str) -> list[Shape] | None:
    """Return the associated objects; None if the object does not exist."""
    number = record_id(identifier)
    if number is None:
        return None
    if kind in CONTACTS and to in NOTES:
        if call.portal.contact(number) is None:
            return None
        ids, type_id = [note.id for note in call.portal.notes_of(number)], CONTACT_TO_NOTE
    elif kind in NOTES and to in CONTACTS:
        note = call.portal.notes.get(number)
        if note is None or note.archived_at is not None:
            return None
        ids, type_id = note.contact_ids, NOTE_TO_CONTACT
    else:
        raise errors.invalid(f"Unable to infer object type from: {kind} or {to}")
    spec = {"category": "HUBSPOT_DEFINED", "typeId": type_id, "label": None}
    return [{"toObjectId": str(each), "associationTypes": [spec]} for each in ids]
