"""What a portal keeps in a file between runs: people, events, notes, lists and forms."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .portal import Portal
from .records import Contact, ContactList, Form, MarketingEvent, Note


@dataclass
class State:
    """What is saved of a portal. Definitions and rules are those that it starts with."""

    last_id: int
    contacts: list[Contact]
    events: list[MarketingEvent]
    notes: list[Note]
    lists: list[ContactList]
    forms: list[Form]
    erased: list[tuple[str, int]]
    merged_into: dict[int, int]
    opted_out_addresses: dict[str, int]


def state_of(portal: Portal) -> State:
    """Return what is to be saved of a portal."""
    # What is looked up by an event's activities is made of them again.
    events = [replace(event, _known=set(), _by_contact={}) for event in portal.events.values()]
    return State(
        portal.last_id,
        list(portal.contacts.values()),
        events,
        list(portal.notes.values()),
        list(portal.lists.values()),
        list(portal.forms.values()),
        portal.erased,
        portal.merged_into,
        portal.opted_out_addresses,
    )


def restore(portal: Portal, state: State) -> None:
    """Give an empty portal what was saved."""
    portal.last_id = state.last_id
    portal.erased, portal.merged_into = state.erased, state.merged_into
    portal.opted_out_addresses = state.opted_out_addresses
    for contact in state.contacts:
        portal.add(contact)
    for event in state.events:
        event.replace(event.activities)
    portal.events = {event.id: event for event in state.events}
    portal.lists = {each.id: each for each in state.lists}
    portal.forms = {form.id: form for form in state.forms}
    for note in state.notes:
        portal.add_note(note)
