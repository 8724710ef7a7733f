"""Plan what is to be sent of a webinar: a pure function of its people."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

# HubSpot stores times in milliseconds; later events must have later times there.
STEP = dt.timedelta(milliseconds=1)


class Kind(StrEnum):
    """The kinds of participation, by the names of HubSpot's API."""

    REGISTER = "register"
    CANCEL = "cancel"
    ATTEND = "attend"


class LeftOut(StrEnum):
    """Why nothing is sent about a person."""

    INTERNAL = "handover.internal"
    WALK_IN = "handover.walk-in"
    PENDING = "handover.not-on-platform"
    AWAITING = "handover.awaiting-approval"
    DENIED = "handover.declined"
    OVERFLOW = "handover.waiting-list"
    REJECTED = "handover.rejected"
    ATTENDANCE_COMING = "handover.attendance-coming"
    NO_EVENT = "handover.no-event"
    UNKNOWN = "handover.unknown-state"


_BY_STATE = {
    "pending": LeftOut.PENDING,
    "awaiting": LeftOut.AWAITING,
    "denied": LeftOut.DENIED,
    "overflow": LeftOut.OVERFLOW,
    "rejected": LeftOut.REJECTED,
    "walk-in": LeftOut.WALK_IN,
}


@dataclass(frozen=True, slots=True)
class EventDate:
    """A date of the webinar. It `is_final` when its attendance is sent."""

    number: int
    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    is_final: bool = False
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Stay:
    """When a person first joined on a date, and for how long they attended. It `is_final` by itself
    if the date continues."""

    number: int
    joined_at: dt.datetime
    seconds: int
    is_final: bool = False

    @property
    def left_at(self) -> dt.datetime:
        return self.joined_at + dt.timedelta(seconds=self.seconds)


@dataclass(frozen=True, slots=True)
class KnownParticipation:
    """An existing participation; `key` is its row's."""

    key: int
    number: int
    kind: Kind
    at: dt.datetime
    joined_at: dt.datetime | None = None
    left_at: dt.datetime | None = None
    # It was sent, or may have been.
    is_sent: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """A registration, and what was sent of it."""

    contact_id: int
    state: str
    registered_at: dt.datetime
    is_internal: bool = False
    cancelled_at: dt.datetime | None = None
    # When they registered again after a cancellation, if known.
    returned_at: dt.datetime | None = None
    stays: tuple[Stay, ...] = ()
    known: tuple[KnownParticipation, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """Who is sent besides those who registered."""

    send_walk_ins: bool = False
    send_internal: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """A new participation."""

    contact_id: int
    number: int
    kind: Kind
    at: dt.datetime
    joined_at: dt.datetime | None = None
    left_at: dt.datetime | None = None


@dataclass(slots=True)
class Plan:
    """The new rows, those to withdraw because they were not sent, those corrected since, and why
    others are left out. Each person is in one of `handed_over` and `left_out`."""

    wanted: list[Wanted] = field(default_factory=list)
    withdrawn: list[int] = field(default_factory=list)
    corrected: list[int] = field(default_factory=list)
    # Reported by the platform as they were sent, after all.
    as_sent: list[int] = field(default_factory=list)
    handed_over: set[int] = field(default_factory=set)
    left_out: dict[int, LeftOut] = field(default_factory=dict)


def plan(
    people: Iterable[Person], dates: Sequence[EventDate], rules: Rules, now: dt.datetime
) -> Plan:
    """Return what is to be sent of `people`, one for each contact."""
    made = Plan()
    for person in people:
        _plan_person(person, dates, rules, now, made)
    return made


def reason_of(person: Person, dates: Sequence[EventDate], rules: Rules) -> LeftOut | None:
    """Return why nothing is sent about a person; None if something is."""
    if person.is_internal and not rules.send_internal:
        return LeftOut.INTERNAL
    if person.state == "walk-in":
        if not rules.send_walk_ins:
            return LeftOut.WALK_IN
        return None if _final_stays(person, dates) else LeftOut.ATTENDANCE_COMING
    if person.state != "registered" and not _final_stays(person, dates):
        return _BY_STATE.get(person.state, LeftOut.UNKNOWN)
    return None if _dates_of(person, dates) or person.known else LeftOut.NO_EVENT


def _plan_person(
    person: Person, dates: Sequence[EventDate], rules: Rules, now: dt.datetime, made: Plan
) -> None:
    reason = reason_of(person, dates, rules)
    if reason is None:
        made.handed_over.add(person.contact_id)
    else:
        made.left_out[person.contact_id] = reason
    kept: set[int] = set()
    if reason != LeftOut.INTERNAL and person.state != "walk-in":
        _plan_registration(person, dates, now, made, kept)
    if reason is None:
        _plan_attendance(person, dates, made, kept)
    _compare_attendance(person, made)
    made.withdrawn += [row.key for row in person.known if not row.is_sent and row.key not in kept]


def _dates_of(person: Person, dates: Sequence[EventDate]) -> list[EventDate]:
    """Return the dates that a person registered for: those that were not over then, or that they
    attended; for the recording, the last one."""
    held = [date for date in dates if not date.cancelled]
    attended = {stay.number for stay in person.stays}
    found = [
        date
        for date in held
        if date.ends_at is None or date.ends_at > person.registered_at or date.number in attended
    ]
    return found or held[-1:]


def _final_stays(person: Person, dates: Sequence[EventDate]) -> list[Stay]:
    final = {date.number for date in dates if date.is_final}
    return [stay for stay in person.stays if stay.is_final or stay.number in final]


def _plan_registration(
    person: Person, dates: Sequence[EventDate], now: dt.datetime, made: Plan, kept: set[int]
) -> None:
    """Plan the participation for the present state of the registration."""
    registered = person.state == "registered"
    numbers = {date.number for date in _dates_of(person, dates)} if registered else set()
    # A date that was moved or cancelled since was sent already.
    numbers |= {row.number for row in person.known if row.is_sent and row.kind == Kind.REGISTER}
    cancelled_at = person.cancelled_at
    if cancelled_at is None and not registered and person.state == "denied":
        cancelled_at = now
    for number in sorted(numbers):
        rows = sorted(
            (row for row in person.known if row.number == number and row.kind != Kind.ATTEND),
            key=lambda row: (row.at, row.kind == Kind.CANCEL),
        )
        _plan_date(person, number, rows, cancelled_at, made, kept)


def _plan_date(
    person: Person,
    number: int,
    rows: list[KnownParticipation],
    cancelled_at: dt.datetime | None,
    made: Plan,
    kept: set[int],
) -> None:
    is_registered = person.state == "registered"
    rows = _alternating(rows)
    last = rows[-1] if rows else None
    kept |= {row.key for row in rows}
    if last is None:
        if is_registered:
            made.wanted.append(
                Wanted(person.contact_id, number, Kind.REGISTER, person.registered_at)
            )
        if is_registered and cancelled_at is not None:
            at = max(cancelled_at, person.registered_at + STEP)
            made.wanted.append(Wanted(person.contact_id, number, Kind.CANCEL, at))
    elif cancelled_at is not None and last.kind == Kind.REGISTER:
        at = max(cancelled_at, last.at + STEP)
        made.wanted.append(Wanted(person.contact_id, number, Kind.CANCEL, at))
    elif is_registered and cancelled_at is None and last.kind == Kind.CANCEL:
        if not last.is_sent:
            # Withdrawn before it was sent.
            kept.discard(last.key)
            return
        again = person.returned_at or person.registered_at
        at = max(again, last.at + STEP)
        made.wanted.append(Wanted(person.contact_id, number, Kind.REGISTER, at))


def _alternating(rows: list[KnownParticipation]) -> list[KnownParticipation]:
    """Return `rows` without unsent ones that repeat the one before: both of two merged contacts had
    registered."""
    found: list[KnownParticipation] = []
    for row in rows:
        if found and found[-1].kind == row.kind:
            if not row.is_sent:
                continue
            if not found[-1].is_sent:
                found.pop()
        found.append(row)
    return found


def _plan_attendance(
    person: Person, dates: Sequence[EventDate], made: Plan, kept: set[int]
) -> None:
    """Send attendance once: an entry of HubSpot cannot be withdrawn."""
    for stay in _final_stays(person, dates):
        rows = [
            row for row in person.known if row.kind == Kind.ATTEND and row.number == stay.number
        ]
        same = [
            row for row in rows if (row.joined_at, row.left_at) == (stay.joined_at, stay.left_at)
        ]
        if sent := [row for row in rows if row.is_sent] or same:
            kept |= {row.key for row in sent}
        else:
            made.wanted.append(
                Wanted(
                    person.contact_id,
                    stay.number,
                    Kind.ATTEND,
                    stay.joined_at,
                    stay.joined_at,
                    stay.left_at,
                )
            )


def _compare_attendance(person: Person, made: Plan) -> None:
    """Record which attendance the platform reports differently from what was sent."""
    stays = {stay.number: (stay.joined_at, stay.left_at) for stay in person.stays}
    for row in person.known:
        if row.kind == Kind.ATTEND and row.is_sent:
            same = stays.get(row.number) == (row.joined_at, row.left_at)
            (made.as_sent if same else made.corrected).append(row.key)
