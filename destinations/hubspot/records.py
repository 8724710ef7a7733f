"""HubSpot's requests and responses as plain records."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from destinations.hubspot.errors import HubSpotError, Refusal


@dataclass(frozen=True, slots=True)
class Account:
    """The portal of a token."""

    portal_id: str
    ui_domain: str
    time_zone: str
    account_type: str


@dataclass(frozen=True, slots=True)
class PropertyOption:
    """A choice of a property; its value is what is sent."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class PropertyDefinition:
    """A contact property of the portal."""

    name: str
    label: str
    type: str
    field_type: str
    options: tuple[PropertyOption, ...] = ()
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class ContactRecord:
    """A contact of the portal; addresses are as in HubSpot."""

    id: str
    properties: Mapping[str, str | None] = field(repr=False)
    email: str = field(repr=False)
    additional_emails: tuple[str, ...] = field(repr=False)
    archived: bool = False


@dataclass(frozen=True, slots=True)
class NewContact:
    """A contact to be created; `trace_id` is unique in a batch."""

    trace_id: str
    properties: Mapping[str, str] = field(repr=False)


@dataclass(slots=True)
class CreateResult:
    """The outcome of contacts to be created, by trace id.

    Those in none of the three were not tried (`stopped_by` has the reason), or HubSpot did not
    report them.
    """

    created: dict[str, str] = field(default_factory=dict)
    # The ids of existing contacts.
    existing: dict[str, str] = field(default_factory=dict)
    refused: dict[str, Refusal] = field(default_factory=dict)
    stopped_by: HubSpotError | None = None


@dataclass(frozen=True, slots=True)
class EventData:
    """A marketing event to be written; fields that are None are left alone."""

    external_account_id: str = ""
    external_event_id: str = ""
    name: str | None = None
    organizer: str | None = None
    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    url: str | None = None
    description: str | None = None
    cancelled: bool | None = None
    completed: bool | None = None
    type: str = "WEBINAR"


@dataclass(frozen=True, slots=True)
class ParticipationInput:
    """That a contact registered, attended or cancelled `at` that time.

    A repetition with the same contact and time changes nothing. Only attendees have `joined_at` and
    `left_at`.
    """

    contact_id: str
    at: dt.datetime
    joined_at: dt.datetime | None = None
    left_at: dt.datetime | None = None


@dataclass(slots=True)
class RecordResult:
    """The contacts whose participation was accepted, and why others' was not. Those in neither must
    be looked up."""

    done: set[str] = field(default_factory=set)
    refused: dict[str, Refusal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Counts:
    """The number of contacts in each state."""

    registered: int
    attended: int
    cancelled: int
    no_shows: int


@dataclass(frozen=True, slots=True)
class ParticipationRecord:
    """A contact's participation; `state` is REGISTERED, ATTENDED, CANCELLED or NO_SHOW."""

    id: str
    contact_id: str
    email: str = field(repr=False)
    state: str
    occurred_at: dt.datetime | None
    seconds: int | None


@dataclass(frozen=True, slots=True)
class ParticipationPage:
    """A page of participations; `next` is the cursor of the next page, "" after the last."""

    rows: list[ParticipationRecord]
    next: str = ""


@dataclass(frozen=True, slots=True)
class AssociationsPage:
    """The ids of objects associated with the object `source`; `next` is the cursor of the next
    page, "" after the last."""

    source: str
    ids: tuple[str, ...]
    next: str = ""
