"""The calls for notes: write them to contacts in batches, and read them."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from destinations.hubspot import answers, bodies
from destinations.hubspot.client import AT_ONCE, VERSION, Client
from destinations.hubspot.errors import NotFound, Refusal, RequestRefused

_NOTES = f"/crm/objects/{VERSION}/notes"
_NOTES_OF_CONTACTS = f"/crm/associations/{VERSION}/contacts/notes/batch/read"
_CONTACTS = f"/crm/objects/{VERSION}/contacts/batch/read"
# HubSpot's id of the association of a note with a contact.
_TO_CONTACT = 202
LONGEST_BODY = 65_536


@dataclass(frozen=True, slots=True)
class NewNote:
    """A note to be written to a contact; `trace_id` is unique in a batch."""

    trace_id: str
    contact_id: str
    at: dt.datetime
    body: str = field(repr=False)


@dataclass(slots=True)
class NoteResult:
    """The outcome of notes by trace id: their ids, or why they were refused. HubSpot did not report
    those in neither."""

    written: dict[str, str] = field(default_factory=dict)
    refused: dict[str, Refusal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NoteRecord:
    """A note of a contact."""

    id: str
    body: str = field(repr=False)


def create_notes(client: Client, notes: Sequence[NewNote]) -> NoteResult:
    """Write at most 100 notes; a refused one does not affect the others. Raises HubSpotError: after
    any error but a refusal, some may be written."""
    result = NoteResult()
    _create(client, notes, result)
    return result


def _create(client: Client, notes: Sequence[NewNote], result: NoteResult) -> None:
    if not notes:
        return
    try:
        body = client.call(
            "POST", f"{_NOTES}/batch/create", json={"inputs": [_input(note) for note in notes]}
        )
    except RequestRefused as error:
        if len(notes) == 1:
            result.refused[notes[0].trace_id] = error.refusals[0]
            return
        middle = len(notes) // 2
        _create(client, notes[:middle], result)
        _create(client, notes[middle:], result)
        return
    traces = {note.trace_id for note in notes}
    for row in answers.rows_of(body):
        trace = answers.text(row.get("objectWriteTraceId"))
        if trace in traces and (note_id := answers.text(row.get("id"))):
            result.written[trace] = note_id
    for failed in answers.errors_in(body):
        for trace in answers.context_values(failed, "objectWriteTraceId"):
            if trace in traces - result.written.keys():
                result.refused[trace] = answers.refusals_of(failed)[0]


def _input(note: NewNote) -> dict[str, object]:
    association = {
        "to": {"id": note.contact_id},
        "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": _TO_CONTACT}],
    }
    return {
        "objectWriteTraceId": note.trace_id,
        "properties": {"hs_timestamp": bodies.iso(note.at), "hs_note_body": note.body},
        "associations": [association],
    }


def notes_of(client: Client, contact_ids: Collection[str]) -> dict[str, list[NoteRecord]]:
    """Return the notes of at most 100 contacts, by the contact's id. Raises HubSpotError."""
    owners: dict[str, list[str]] = {}
    asked = [{"id": each} for each in contact_ids]
    while asked:
        body = client.call("POST", _NOTES_OF_CONTACTS, json={"inputs": asked})
        asked = []
        for row in answers.rows_of(body):
            link = answers.associations(row)
            for note_id in link.ids:
                owners.setdefault(note_id, []).append(link.source)
            if link.next:
                asked.append({"id": link.source, "after": link.next})
    found: dict[str, list[NoteRecord]] = {}
    ids = sorted(owners)
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        wanted = {"properties": ["hs_note_body"], "inputs": [{"id": each} for each in some]}
        for row in answers.rows_of(client.call("POST", f"{_NOTES}/batch/read", json=wanted)):
            note = answers.contact(row)
            for owner in owners.get(note.id, ()):
                body_text = note.properties.get("hs_note_body") or ""
                found.setdefault(owner, []).append(NoteRecord(note.id, body_text))
    return found


def existing_contacts(client: Client, contact_ids: Collection[str]) -> set[str]:
    """Return those of at most 100 contacts whose ids HubSpot has. Raises HubSpotError."""
    wanted = {"properties": ["email"], "inputs": [{"id": each} for each in contact_ids]}
    try:
        rows = answers.contacts(client.call("POST", _CONTACTS, json=wanted))
    except NotFound:
        return set()
    return {row.id for row in rows if not row.archived} & set(contact_ids)
