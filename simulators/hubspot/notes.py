"""Notes: written on contacts, read back, archived."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import associations, errors
from .calls import NO_CONTENT, Answer, Call, failure, missing_objects, properties_of
from .clock import iso, parse_iso
from .errors import Refusal, Shape, invalid
from .records import Note, record_id

KIND = "NOTE"
LONGEST_BODY = 65_536
TIMESTAMP, BODY = "hs_timestamp", "hs_note_body"
KNOWN = (TIMESTAMP, BODY, "hubspot_owner_id", "hs_attachment_ids")


def shape(note: Note, names: list[str] | None = None, *, whole: bool = False) -> Shape:
    """Return a note as the API shows it."""
    own = {
        "hs_createdate": iso(note.created_at),
        "hs_lastmodifieddate": iso(note.updated_at),
        "hs_object_id": str(note.id),
    }
    known = {**note.properties, **own}
    wanted = sorted(known if whole else {*(names or ()), *own})
    return {
        "id": str(note.id),
        "properties": {name: known.get(name) for name in wanted},
        "createdAt": iso(note.created_at),
        "updatedAt": iso(note.updated_at),
        "archived": note.archived_at is not None,
    }


def create(call: Call) -> Answer:
    """POST one note: 201."""
    return Answer(201, shape(_created(call, call.json()), whole=True))


def batch_create(call: Call) -> Answer:
    """POST batch/create; with an objectWriteTraceId each, failures are reported by row."""
    inputs = call.inputs()
    traces = [each.get("objectWriteTraceId") for each in inputs]
    by_row = all(traces) and len(set(traces)) == len(traces)
    if not by_row:
        for each in inputs:
            _checked(call, each)
    results: list[Shape] = []
    failures: list[Shape] = []
    for each, trace in zip(inputs, traces, strict=True):
        try:
            shown = shape(_created(call, each), whole=True)
        except Refusal as refusal:
            failures.append(failure(refusal, objectWriteTraceId=[str(trace)]))
        else:
            results.append(shown | ({"objectWriteTraceId": str(trace)} if by_row else {}))
    return call.batch(results, failures, status=201)


def _created(call: Call, row: Mapping[str, Any]) -> Note:
    values, contact_ids = _checked(call, row)
    now = call.portal.changed()
    note = Note(call.portal.next_id(), now, now, values, contact_ids)
    call.portal.add_note(note)
    return note


def _checked(call: Call, row: Mapping[str, Any]) -> tuple[dict[str, str], list[int]]:
    """Return a note's properties and contacts. Raises Refusal (400)."""
    values = {
        name: str(value) for name, value in properties_of(row).items() if value not in (None, "")
    }
    if unknown := [name for name in values if name not in KNOWN]:
        raise invalid(f'Property "{unknown[0]}" does not exist')
    if TIMESTAMP not in values:
        raise invalid(f"Some required properties were not set: [{TIMESTAMP}]")
    if record_id(values[TIMESTAMP]) is None:
        try:
            parse_iso(values[TIMESTAMP])
        except ValueError as error:
            raise invalid(f"{values[TIMESTAMP]} was not a valid datetime.") from error
    if len(values.get(BODY, "")) > LONGEST_BODY:
        raise invalid(f"{BODY} is longer than {LONGEST_BODY} characters")
    return values, _contacts(call, row.get("associations") or [])


def _contacts(call: Call, rows: list[Any]) -> list[int]:
    found = []
    for row in rows:
        identifier = str(row.get("to", {}).get("id", ""))
        kinds = [each.get("associationTypeId") for each in row.get("types", [])]
        if kinds != [associations.NOTE_TO_CONTACT]:
            raise invalid(f"Association type {kinds} is not one between NOTE and CONTACT")
        contact = call.portal.find(identifier)
        if contact is None:
            raise invalid(f"No CONTACT with ID {identifier} exists")
        found.append(contact.id)
    return list(dict.fromkeys(found))


def _live(call: Call, identifier: str) -> Note | None:
    note = call.portal.notes.get(record_id(identifier) or 0)
    return note if note is not None and note.archived_at is None else None


def read(call: Call) -> Answer:
    """GET one note."""
    note = _live(call, call.path["object_id"])
    if note is None:
        raise errors.not_found()
    more = associations.shown_of_note(call, note.contact_ids)
    return Answer(200, shape(note, call.names()) | more)


def listed(call: Call) -> Answer:
    """GET notes, a page at a time."""
    notes = [note for note in call.portal.notes.values() if note.archived_at is None]
    page, paging = call.page(notes, 10, 100)
    return Answer(200, {"results": [shape(note, call.names()) for note in page], **paging})


def batch_read(call: Call) -> Answer:
    """POST batch/read; 207 when some are missing."""
    ids = [str(each.get("id", "")) for each in call.inputs()]
    found = {identifier: _live(call, identifier) for identifier in ids}
    missing = [identifier for identifier, note in found.items() if note is None]
    names = call.json().get("properties")
    results = [shape(note, names) for note in found.values() if note is not None]
    return call.batch(results, [missing_objects(KIND, missing)] if missing else None)


def archive(call: Call) -> Answer:
    """DELETE one note."""
    note = _live(call, call.path["object_id"])
    if note is not None:
        note.archived_at = call.portal.changed()
    return NO_CONTENT
