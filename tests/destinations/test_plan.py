"""What is to be handed over of a webinar, as a pure function (rules 9 and 12)."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destinations.hubspot.plan import (
    EventDate,
    Kind,
    KnownParticipation,
    LeftOut,
    Person,
    Plan,
    Rules,
    Stay,
    plan,
    reason_of,
)

pytestmark = pytest.mark.rule(9, 12)
START = dt.datetime(2026, 11, 20, 10, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
NOW = START + 10 * DAY
STATES = ("registered", "pending", "awaiting", "denied", "overflow", "rejected", "walk-in")
DATE = EventDate(1, START, START + HOUR, is_final=True)
PERSON = Person(1, "registered", START - DAY)

times = st.integers(-20_000, 20_000).map(lambda minutes: START + dt.timedelta(minutes=minutes))
stays = st.builds(Stay, st.integers(1, 3), times, st.integers(0, 90_000))
people = st.builds(
    Person,
    contact_id=st.just(1),
    state=st.sampled_from(STATES),
    registered_at=times,
    is_internal=st.booleans(),
    cancelled_at=st.none() | times,
    returned_at=st.none() | times,
    stays=st.lists(stays, max_size=3, unique_by=lambda stay: stay.number).map(tuple),
)
dates = st.lists(
    st.builds(
        lambda number, at, final, cancelled: EventDate(number, at, at + HOUR, final, cancelled),
        st.integers(1, 3),
        times,
        st.booleans(),
        st.booleans(),
    ),
    max_size=3,
    unique_by=lambda date: date.number,
)
rules = st.builds(Rules, st.booleans(), st.booleans())


def after_sending(person: Person, made: Plan, *, sent: bool) -> Person:
    """Return the person after the plan was written, and sent."""
    gone = set(made.withdrawn)
    rows = [
        replace(row, is_sent=row.is_sent or sent) for row in person.known if row.key not in gone
    ]
    key = max((row.key for row in person.known), default=0)
    for number, item in enumerate(made.wanted, key + 1):
        rows.append(
            KnownParticipation(
                number, item.number, item.kind, item.at, item.joined_at, item.left_at, sent
            )
        )
    return replace(person, known=tuple(rows))


@given(st.lists(people, max_size=8), dates, rules)
def test_everyone_is_handed_over_or_left_out_for_a_reason(
    crowd: list[Person], on: list[EventDate], by: Rules
) -> None:
    crowd = [replace(person, contact_id=number) for number, person in enumerate(crowd)]
    made = plan(crowd, on, by, NOW)
    assert made.handed_over.isdisjoint(made.left_out)
    assert len(made.handed_over) + len(made.left_out) == len(crowd)
    known = {item.contact_id for item in made.wanted}
    assert known <= {person.contact_id for person in crowd}
    # Every handed-over person is written at least once.
    assert made.handed_over <= known


@given(people, dates, rules, st.booleans())
def test_a_second_plan_is_empty(person: Person, on: list[EventDate], by: Rules, sent: bool) -> None:
    first = plan([person], on, by, NOW)
    again = plan([after_sending(person, first, sent=sent)], on, by, NOW + HOUR)
    assert not again.wanted
    assert not again.withdrawn


@given(people, st.lists(people, min_size=1, max_size=5), dates, rules, st.booleans())
def test_what_happens_later_keeps_the_order_and_attendance_is_sent_once(
    person: Person, later: list[Person], on: list[EventDate], by: Rules, sent: bool
) -> None:
    """In any order of states from one plan to the next."""
    for place, now_so in enumerate(later):
        made = plan([person], on, by, NOW + place * HOUR)
        person = replace(now_so, known=after_sending(person, made, sent=sent).known)
    rows = sorted(person.known, key=lambda row: row.key)
    for number in {row.number for row in rows}:
        course = [row for row in rows if row.number == number and row.kind != Kind.ATTEND]
        assert all(one.at < two.at for one, two in zip(course, course[1:], strict=False))
        kinds = [row.kind for row in course]
        assert all(one != two for one, two in zip(kinds, kinds[1:], strict=False))
        came = [row for row in rows if row.number == number and row.kind == Kind.ATTEND]
        assert len([row for row in came if row.is_sent]) <= 1


@given(people, dates)
def test_attendance_is_from_the_first_join_for_as_long_as_they_were_there(
    person: Person, on: list[EventDate]
) -> None:
    made = plan([person], on, Rules(True, True), NOW)
    stays = {stay.number: stay for stay in person.stays}
    final = {date.number for date in on if date.is_final}
    came = {item.number: item for item in made.wanted if item.kind == Kind.ATTEND}
    if reason_of(person, on, Rules(True, True)) is None:
        assert came.keys() == stays.keys() & final
    for number, item in came.items():
        stay = stays[number]
        assert item.at == item.joined_at == stay.joined_at
        assert item.left_at == stay.joined_at + dt.timedelta(seconds=stay.seconds)


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("pending", LeftOut.PENDING),
        ("awaiting", LeftOut.AWAITING),
        ("denied", LeftOut.DENIED),
        ("overflow", LeftOut.OVERFLOW),
        ("rejected", LeftOut.REJECTED),
        ("walk-in", LeftOut.WALK_IN),
    ],
)
def test_who_is_not_registered_is_left_out_by_name(state: str, reason: LeftOut) -> None:
    assert reason_of(replace(PERSON, state=state), [DATE], Rules()) == reason


def test_internal_people_and_walk_ins_go_where_the_operator_chooses() -> None:
    internal = replace(PERSON, is_internal=True)
    assert reason_of(internal, [DATE], Rules()) == LeftOut.INTERNAL
    assert reason_of(internal, [DATE], Rules(send_internal=True)) is None
    walk_in = replace(PERSON, state="walk-in", stays=(Stay(1, START, 60),))
    assert reason_of(walk_in, [DATE], Rules(send_walk_ins=True)) is None
    made = plan([walk_in], [DATE], Rules(send_walk_ins=True), NOW)
    assert [item.kind for item in made.wanted] == [Kind.ATTEND]
    soon = replace(DATE, is_final=False)
    assert reason_of(walk_in, [soon], Rules(send_walk_ins=True)) == LeftOut.ATTENDANCE_COMING


def test_who_registered_after_the_first_date_is_handed_over_for_upcoming_dates() -> None:
    second = EventDate(2, START + 7 * DAY, START + 7 * DAY + HOUR)
    late = replace(PERSON, registered_at=START + DAY)
    assert [item.number for item in plan([late], [DATE, second], Rules(), NOW).wanted] == [2]
    for_the_recording = replace(PERSON, registered_at=START + 8 * DAY)
    made = plan([for_the_recording], [DATE, second], Rules(), NOW)
    assert [item.number for item in made.wanted] == [2]


def test_who_cancelled_before_anything_was_sent_is_handed_over_with_both_times() -> None:
    """Report 5: a cancellation is sent."""
    person = replace(PERSON, cancelled_at=START - HOUR)
    wanted = plan([person], [DATE], Rules(), NOW).wanted
    assert [(item.kind, item.at) for item in wanted] == [
        (Kind.REGISTER, PERSON.registered_at),
        (Kind.CANCEL, START - HOUR),
    ]


def test_a_person_declined_after_registration_is_cancelled_in_hubspot() -> None:
    known = (KnownParticipation(1, 1, Kind.REGISTER, PERSON.registered_at, is_sent=True),)
    made = plan([replace(PERSON, state="denied", known=known)], [DATE], Rules(), NOW)
    assert [(item.kind, item.at) for item in made.wanted] == [(Kind.CANCEL, NOW)]
    assert made.left_out == {1: LeftOut.DENIED}
