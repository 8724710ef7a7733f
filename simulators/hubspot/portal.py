"""A portal in operation: its contacts, marketing events, notes, lists and forms. It is independent
of HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from . import errors
from .clock import Clock
from .definitions import ONE_OF, Definition, Rules, defaults, refused_values
from .options import PARTICIPATION_LAG_SECONDS
from .records import (
    Contact,
    ContactList,
    Form,
    MarketingEvent,
    Note,
    fold,
    record_id,
)

# Larger than 32 bits, as real ids are.
FIRST_ID = 51_000_000_001
LIFECYCLE = "lifecyclestage"
Listener = Callable[[str, dict[str, Any]], None]


class Lags:
    """Seconds until written data is readable, by where it is read."""

    def __init__(self, participation: float) -> None:
        self.participation = participation
        self.search = 5.0
        self.identifiers = 120.0


class Portal:
    """The content of a portal. Times are milliseconds of its clock."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        # Receives each event about a contact with its name and payload.
        self.listeners: list[Listener] = []
        self.reset(1)

    def reset(self, seed: int, region: str = "na1", lag: float = PARTICIPATION_LAG_SECONDS) -> None:
        """Empty the portal; listeners stay."""
        self.id = 40_000_000 + seed % 1_000_000
        self.region = region
        self.time_zone = "Europe/Berlin" if region == "eu1" else "America/New_York"
        self.lags = Lags(lag)
        self.definitions: dict[str, Definition] = defaults()
        self.event_properties: set[str] = set()
        self.rules = Rules()
        # Whether errors of values have codes, and conflicts in a batch are reported by row.
        self.error_codes = False
        self.conflicts_by_row = True
        # Whether the id of a merged contact leads to the survivor.
        self.merged_ids_lead_on = False
        self.contacts: dict[int, Contact] = {}
        self.events: dict[int, MarketingEvent] = {}
        self.notes: dict[int, Note] = {}
        self.lists: dict[int, ContactList] = {}
        self.forms: dict[str, Form] = {}
        # Addresses and when they were privacy-deleted. Creating them again is not refused.
        self.erased: list[tuple[str, int]] = []
        # Addresses that opted out by themselves, regardless of their contact.
        self.opted_out_addresses: dict[str, int] = {}
        self.changed_at = self.clock.now()
        self.changes = 0
        # Who took part in an event, by its id and a state, as of this number of changes.
        self.participants: dict[tuple[int, str], tuple[int, list[Any]]] = {}
        # What was written until then is readable, regardless of the usual delay.
        self.settled_at = 0
        self._by_email: dict[str, int] = {}
        self.merged_into: dict[int, int] = {}
        self._notes_of: dict[int, list[int]] = {}
        self.last_id = FIRST_ID - 1

    # -- ids and times ---------------------------------------------------------------------------

    def next_id(self) -> int:
        """Return a new id."""
        self.last_id += 1
        return self.last_id

    def changed(self) -> int:
        """Record that the portal changed now, and return the time."""
        self.changed_at = self.clock.now()
        self.changes += 1
        return self.changed_at

    def readable_until(self, lag_seconds: float) -> int:
        """Return until when changes are readable, given the delay."""
        return max(self.clock.now() - int(lag_seconds * 1000), self.settled_at)

    # -- contacts --------------------------------------------------------------------------------

    def contact(self, contact_id: int | None) -> Contact | None:
        """Return a contact that is not archived."""
        if contact_id is not None and contact_id in self.merged_into and self.merged_ids_lead_on:
            return self.contact(self.merged_into[contact_id])
        found = self.contacts.get(contact_id) if contact_id is not None else None
        return found if found is not None and found.archived_at is None else None

    def archived_contact(self, contact_id: int | None) -> Contact | None:
        """Return a contact that is archived."""
        found = self.contacts.get(contact_id) if contact_id is not None else None
        return found if found is not None and found.archived_at is not None else None

    def contact_by_email(self, email: str) -> Contact | None:
        """Return the contact with an address, primary or additional."""
        return self.contact(self._by_email.get(fold(email)))

    def opted_out_at(self, email: str) -> int | None:
        """Return when an address opted out of everything, itself or with its contact."""
        contact = self.contact_by_email(email)
        if contact is not None and contact.opted_out:
            return contact.updated_at
        return self.opted_out_addresses.get(fold(email))

    def find(self, identifier: str) -> Contact | None:
        """Return the contact with an id or an address."""
        if "@" in identifier:
            return self.contact_by_email(identifier)
        return self.contact(record_id(identifier))

    def check(
        self, properties: Mapping[str, object], *, new: bool, rules: bool = True
    ) -> dict[str, str]:
        """Return `properties` as texts. Raises Refusal for invalid values."""
        values = {name: "" if value is None else _text(value) for name, value in properties.items()}
        if "email" in values:
            values["email"] = fold(values["email"])
        problems = [
            (name, *problem)
            for name, value in values.items()
            if (problem := self._problem(name, value)) is not None
        ]
        if problems:
            raise refused_values(problems, self.id, self.error_codes)
        if new and not any(values.get(name) for name in ONE_OF):
            raise errors.invalid(f"At least one of {', '.join(ONE_OF)} is required.")
        if new and rules and (missing := self.rules.missing(values)):
            raise errors.invalid(
                f"Required properties are missing: {', '.join(name for name, _ in missing)}",
                errors=[
                    {
                        "message": f"The property {name} is required",
                        "code": code,
                        "context": {"propertyName": [name]},
                    }
                    for name, code in missing
                ],
            )
        return values

    def _problem(self, name: str, value: str) -> tuple[str, str] | None:
        definition = self.definitions.get(name)
        if definition is None:
            return f'Property "{name}" does not exist', "PROPERTY_DOESNT_EXIST"
        if definition.read_only:
            words = f'"{name}" is a read only property; its value cannot be set.'
            return words, "READ_ONLY_VALUE"
        return definition.problem(value)

    def create(self, values: Mapping[str, str], source: str = "INTEGRATION") -> Contact:
        """Create a contact from validated values. Raises Refusal (409) for a known address."""
        email = values.get("email", "")
        if email and (known := self.contact_by_email(email)) is not None:
            raise errors.conflict(known.id)
        now = self.changed()
        nonempty = {name: value for name, value in values.items() if value != ""}
        contact = Contact(self.next_id(), now, now, source, nonempty)
        self.add(contact)
        self.emit("contact.creation", contact)
        return contact

    def add(self, contact: Contact) -> None:
        """Add a contact to the portal."""
        self.contacts[contact.id] = contact
        self.index(contact)

    def index(self, contact: Contact) -> None:
        """Index a contact by its addresses."""
        for address in contact.addresses():
            self._by_email[address] = contact.id

    def update(
        self, contact: Contact, values: Mapping[str, str], source: str = "INTEGRATION"
    ) -> None:
        """Overwrite properties with validated values. A lifecycle stage only moves forward."""
        now = self.changed()
        email = values.get("email")
        if email and (known := self.contact_by_email(email)) not in (None, contact):
            assert known is not None
            raise errors.conflict(known.id)
        for name, value in values.items():
            if name == LIFECYCLE and self._goes_back(contact.properties.get(name, ""), value):
                continue
            if contact.properties.get(name, "") == value:
                continue
            self._forget_addresses(contact)
            contact.write(name, value, now, source)
            self.index(contact)
            self.emit("contact.propertyChange", contact, propertyName=name, propertyValue=value)

    def _goes_back(self, before: str, after: str) -> bool:
        order = [value for value, _ in self.definitions[LIFECYCLE].options]
        return bool(before and after) and order.index(after) < order.index(before)

    def archive(self, contact: Contact) -> None:
        """Move a contact into the recycling bin; its addresses are free."""
        contact.archived_at = self.changed()
        self._forget_addresses(contact)
        self.emit("contact.deletion", contact)

    def erase(self, contact: Contact) -> None:
        """Delete a contact permanently, with its participations, notes and memberships."""
        now = self.changed()
        self._forget_addresses(contact)
        self.erased += [(address, now) for address in contact.addresses()]
        del self.contacts[contact.id]
        for event in self.events.values():
            event.replace([one for one in event.activities if one.contact_id != contact.id])
        for note in self.notes_of(contact.id):
            note.contact_ids.remove(contact.id)
        self._notes_of.pop(contact.id, None)
        for each in self.lists.values():
            each.members.pop(contact.id, None)
        self.emit("contact.privacyDeletion", contact)

    def merge(self, primary: Contact, other: Contact, *, keep_id: bool = False) -> Contact:
        """Merge `other` into `primary` and return the survivor, who has a new id unless `keep_id`.

        Its properties are those of `primary`, completed by `other`'s; its addresses include both.
        """
        now = self.changed()
        for each in (primary, other):
            self._forget_addresses(each)
            del self.contacts[each.id]
        survivor = Contact(
            id=primary.id if keep_id else self.next_id(),
            created_at=min(primary.created_at, other.created_at),
            updated_at=now,
            source=primary.source,
            properties={**other.properties, **primary.properties},
            rewritten={**other.rewritten, **primary.rewritten},
            merged_ids=[
                *primary.merged_ids,
                *other.merged_ids,
                *([] if keep_id else [primary.id]),
                other.id,
            ],
            opted_out=primary.opted_out or other.opted_out,
        )
        own = fold(survivor.email)
        known = [*primary.addresses(), *other.addresses()]
        survivor.additional_emails = [each for each in dict.fromkeys(known) if each != own]
        self.add(survivor)
        for old in (primary, other):
            self._move(old.id, survivor.id)
            if old.id != survivor.id:
                self.merged_into[old.id] = survivor.id
        merged = [str(primary.id), str(other.id)]
        self.emit("contact.merge", survivor, mergedObjectIds=merged, primaryObjectId=merged[0])
        return survivor

    def _move(self, old: int, new: int) -> None:
        if old == new:
            return
        for event in self.events.values():
            for activity in event.activities:
                if activity.contact_id == old:
                    activity.contact_id = new
            event.replace(event.activities)
        for note in self.notes_of(old):
            note.contact_ids = list(
                dict.fromkeys(new if at == old else at for at in note.contact_ids)
            )
            self._notes_of.setdefault(new, []).append(note.id)
        self._notes_of.pop(old, None)
        for each in self.lists.values():
            joined = each.members.pop(old, None)
            if joined is not None:
                each.members.setdefault(new, joined)

    def _forget_addresses(self, contact: Contact) -> None:
        for address in contact.addresses():
            if self._by_email.get(address) == contact.id:
                del self._by_email[address]

    def emit(self, name: str, contact: Contact, **more: object) -> None:
        """Notify listeners of an event about a contact."""
        for listener in self.listeners:
            listener(name, {"objectId": contact.id, "occurredAt": self.changed_at, **more})

    # -- notes -----------------------------------------------------------------------------------

    def add_note(self, note: Note) -> None:
        """Add a note to its contacts; their properties stay, HubSpot's own dates change."""
        self.store_note(note)
        for contact_id in note.contact_ids:
            contact = self.contacts[contact_id]
            contact.notes_updated_at = contact.updated_at = note.created_at

    def store_note(self, note: Note) -> None:
        """Index a note by its contacts."""
        self.notes[note.id] = note
        for contact_id in note.contact_ids:
            self._notes_of.setdefault(contact_id, []).append(note.id)

    def notes_of(self, contact_id: int) -> list[Note]:
        """Return the notes on a contact that are not archived, oldest first."""
        notes = [self.notes[each] for each in dict.fromkeys(self._notes_of.get(contact_id, []))]
        return [note for note in notes if note.archived_at is None]


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
