"""The content of a portal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

REGISTERED, ATTENDED, CANCELLED, NO_SHOW = "REGISTERED", "ATTENDED", "CANCELLED", "NO_SHOW"


class Version(NamedTuple):
    """A current or former value of a property; `at` in milliseconds."""

    value: str
    at: int
    source: str


@dataclass
class Contact:
    """A contact; times in milliseconds."""

    id: int
    created_at: int
    updated_at: int
    source: str
    properties: dict[str, str] = field(default_factory=dict)
    # Oldest first, only of properties that were written again.
    rewritten: dict[str, list[Version]] = field(default_factory=dict)
    additional_emails: list[str] = field(default_factory=list)
    archived_at: int | None = None
    merged_ids: list[int] = field(default_factory=list)
    notes_updated_at: int | None = None
    opted_out: bool = False

    @property
    def email(self) -> str:
        """The primary address, or an empty text."""
        return self.properties.get("email", "")

    def addresses(self) -> list[str]:
        """Return all addresses as they are compared."""
        return [fold(each) for each in (self.email, *self.additional_emails) if each]

    def versions(self, name: str) -> list[Version]:
        """Return the history of a property, newest first."""
        if name in self.rewritten:
            return self.rewritten[name][::-1]
        value = self.properties.get(name)
        return [] if value is None else [Version(value, self.created_at, self.source)]

    def write(self, name: str, value: str, at: int, source: str) -> None:
        """Set a property and record the former value."""
        if self.properties.get(name, "") == value:
            return
        history = self.versions(name)[::-1]
        self.rewritten[name] = [*history, Version(value, at, source)]
        self.properties[name] = value
        self.updated_at = at


@dataclass
class Activity:
    """One register, attend or cancel of a contact at a marketing event; times in milliseconds."""

    id: int
    event_id: int
    contact_id: int
    state: str
    occurred_at: int
    written_at: int
    joined_at: int | None = None
    left_at: int | None = None

    @property
    def key(self) -> tuple[int, str, int]:
        """The identity of a repeated call."""
        return self.contact_id, self.state, self.occurred_at

    @property
    def seconds(self) -> int | None:
        """How long they attended, from when they joined and left."""
        if self.joined_at is None or self.left_at is None:
            return None
        return max(0, self.left_at - self.joined_at) // 1000


@dataclass
class MarketingEvent:
    """A marketing event; times in milliseconds."""

    id: int
    app_id: int
    external_account_id: str
    external_event_id: str
    created_at: int
    updated_at: int
    fields: dict[str, object] = field(default_factory=dict)
    custom: dict[str, str] = field(default_factory=dict)
    list_ids: list[int] = field(default_factory=list)
    app_name: str = "WebinarSync"
    activities: list[Activity] = field(default_factory=list)
    # When the last of these was written.
    written_until: int = 0
    _known: set[tuple[int, str, int]] = field(default_factory=set)
    _by_contact: dict[int, list[Activity]] = field(default_factory=dict)

    def add(self, activity: Activity) -> None:
        """Record an activity."""
        self.activities.append(activity)
        self.written_until = max(self.written_until, activity.written_at)
        self._known.add(activity.key)
        self._by_contact.setdefault(activity.contact_id, []).append(activity)

    def of_contact(self, contact_id: int) -> list[Activity]:
        """Return a contact's activities, in the order in which they were written."""
        return self._by_contact.get(contact_id, [])

    def has(self, contact_id: int, state: str, occurred_at: int) -> bool:
        """Return whether the same was written before."""
        return (contact_id, state, occurred_at) in self._known

    def replace(self, activities: list[Activity]) -> None:
        """Replace the activities."""
        self.activities, self._known, self._by_contact = [], set(), {}
        for one in activities:
            self.add(one)


@dataclass
class Note:
    """A note and the contacts that it is on; times in milliseconds."""

    id: int
    created_at: int
    updated_at: int
    properties: dict[str, str]
    contact_ids: list[int] = field(default_factory=list)
    archived_at: int | None = None


@dataclass
class ContactList:
    """A list of contacts, with when each became a member; times in milliseconds."""

    id: int
    name: str
    processing_type: str
    created_at: int
    updated_at: int
    members: dict[int, int] = field(default_factory=dict)
    # Contacts; the API makes lists of these alone.
    object_type: str = "0-1"


@dataclass
class Submission:
    """A submission of a form; `submitted_at` in milliseconds."""

    submitted_at: int
    values: list[tuple[str, str]]
    page_url: str
    conversion_id: str | None


@dataclass
class Form:
    """A form of the portal; its submissions in the order received."""

    id: str
    name: str
    created_at: int
    submissions: list[Submission] = field(default_factory=list)
    # Besides address and names: internal name and label of each.
    fields: list[tuple[str, str]] = field(default_factory=list)


def record_id(text: object) -> int | None:
    """Return the id in a text; None for any other text."""
    text = str(text)
    return int(text) if text.isascii() and text.isdigit() else None


def fold(email: str) -> str:
    """Return an address in the form in which addresses are compared."""
    return email.strip().casefold()
