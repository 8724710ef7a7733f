"""The parts of a plan: plain records that refer to people by email key.

A plan is the same whether it is applied or shown (a dry run).
"""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class NewContact:
    """A new person; `properties` by the names of contacts.models.PROPERTIES."""

    email: str
    first_name: str
    last_name: str
    properties: dict[str, str]


@dataclass(frozen=True, slots=True)
class NewRegistration:
    """A registration of the person with email key `person`."""

    person: str
    registrant_key: str
    state: str
    join_url: str
    registered_at: dt.datetime
    submitted: Data
    referral_source: str = ""
    cancelled_at: dt.datetime | None = None
    details_read_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class RegistrationChange:
    """New values of fields of a registration that exists."""

    registration_id: int
    values: Data


@dataclass(frozen=True, slots=True)
class NewAlias:
    """A further registrant of `person`; also the former one of a person who came back, of which
    only the key is known."""

    person: str
    registrant_key: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    registered_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class NewActivity:
    """A timeline entry of `person` (an email key) or of the contact with that id."""

    contact: str | int
    key: str
    kind: str
    happened_at: dt.datetime
    data: Data = field(default_factory=dict)


@dataclass(slots=True)
class Plan:
    """The changes by kind. Empty means that both sides agree."""

    contacts: list[NewContact] = field(default_factory=list)
    registrations: list[NewRegistration] = field(default_factory=list)
    changes: list[RegistrationChange] = field(default_factory=list)
    others: list[NewAlias] = field(default_factory=list)
    activities: list[NewActivity] = field(default_factory=list)
    # Addresses that opted out on the platform.
    opt_outs: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(
            self.contacts
            or self.registrations
            or self.changes
            or self.others
            or self.activities
            or self.opt_outs
        )


@dataclass(frozen=True, slots=True)
class Stay:
    """The new attendance of one registration in one session."""

    registration_id: int
    contact_id: int
    session_id: int
    attendance_id: int | None
    intervals: list[list[int]]
    seconds: int
    by_registrant: Data = field(default_factory=dict)
    estimated: bool = False


@dataclass(slots=True)
class AttendancePlan:
    """The changes for a page of attendees, and its unknown people."""

    stays: list[Stay] = field(default_factory=list)
    activities: list[NewActivity] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.stays)
