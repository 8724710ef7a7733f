"""What a portal stores in a file between runs: people, events, notes, lists and forms."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .portal import Portal
from .records import Contact, ContactList, Form, MarketingEvent, Note


@dataclass
class State:
    """The saved part of a portal. Definitions and rules are those of a new one."""

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
    """Return the data to save of a portal."""
    # Indexes over an event's activities are rebuilt.
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
    """Load the saved data into an empty portal."""
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
