"""What is asked of HubSpot and what it tells, as plain records."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from destinations.hubspot.errors import HubSpotError, Refusal


@dataclass(frozen=True, slots=True)
class Account:
    """The portal that a token belongs to."""

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
    """A property that contacts of the portal have."""

    name: str
    label: str
    type: str
    field_type: str
    options: tuple[PropertyOption, ...] = ()
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class ContactRecord:
    """A contact of the portal; addresses are as HubSpot writes them."""

    id: str
    properties: Mapping[str, str | None] = field(repr=False)
    email: str = field(repr=False)
    additional_emails: tuple[str, ...] = field(repr=False)
    archived: bool = False


@dataclass(frozen=True, slots=True)
class NewContact:
    """A contact to be created; `trace_id` is the caller's, and different for each of a batch."""

    trace_id: str
    properties: Mapping[str, str] = field(repr=False)


@dataclass(slots=True)
class CreateResult:
    """What became of contacts that were to be created, by trace id.

    Who is in none of the three was not tried: `stopped_by` says why, or HubSpot did not tell.
    """

    created: dict[str, str] = field(default_factory=dict)
    # The ids of those that exist already.
    existing: dict[str, str] = field(default_factory=dict)
    refused: dict[str, Refusal] = field(default_factory=dict)
    stopped_by: HubSpotError | None = None


@dataclass(frozen=True, slots=True)
class EventData:
    """A marketing event as it is written; what is None is left as it is."""

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

    A repeat with the same contact and time changes nothing. `joined_at` and `left_at` are of those
    who attended alone.
    """

    contact_id: str
    at: dt.datetime
    joined_at: dt.datetime | None = None
    left_at: dt.datetime | None = None


@dataclass(slots=True)
class RecordResult:
    """Which contacts' participation was taken, and why others' was not. Who is in neither is to be
    looked up."""

    done: set[str] = field(default_factory=set)
    refused: dict[str, Refusal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many contacts are in each state now."""

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
    """A page of participations; `next` asks for the page after it, "" where it is the last."""

    rows: list[ParticipationRecord]
    next: str = ""


@dataclass(frozen=True, slots=True)
class AssociationsPage:
    """The ids that the object `source` is associated with; `next` asks for the page after it, ""
    where it is the last."""

    source: str
    ids: tuple[str, ...]
    next: str = ""
