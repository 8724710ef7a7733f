"""People in the room: counted by minute, for any attendance of GoTo."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from webinars.analytics.attendance_curve import people_by_minute

START = dt.datetime(2026, 11, 2, 15, 0, tzinfo=dt.UTC)
ZERO = START.timestamp()
MINUTES = 30
END = START + dt.timedelta(minutes=MINUTES)

stay = st.tuples(st.integers(-600, 2400), st.integers(0, 2400)).map(
    lambda pair: [ZERO + pair[0], ZERO + pair[0] + pair[1]]
)
people = st.lists(st.lists(stay, max_size=4), max_size=8)


def room(*stays: list[list[float]]) -> list[int]:
    return people_by_minute(
        [[[ZERO + a, ZERO + b] for a, b in person] for person in stays], START, END
    )


def test_who_comes_and_goes_is_counted_in_each_minute_they_were_there() -> None:
    curve = room([[60, 179]], [[0, 30]])
    assert curve[:4] == [1, 1, 1, 0]


def test_two_devices_are_one_person() -> None:
    assert max(room([[0, 600], [300, 1200]])) == 1


def test_what_lies_outside_the_session_is_left_out() -> None:
    assert room([[-900, -600]], [[1800, 2400]])[-1] == 0
    assert room([[-900, 5000]]) == [1] * MINUTES


def test_a_session_of_no_length_is_one_minute() -> None:
    assert people_by_minute([[[ZERO, ZERO]]], START, START) == [1]


@given(people)
def test_each_minute_holds_exactly_those_who_were_there(found: list[list[list[float]]]) -> None:
    """The curve equals counting by hand: a person is present if a stay touches the minute."""
    by_hand = [
        sum(
            any(
                int((joined - ZERO) // 60) <= minute <= int((left - ZERO) // 60)
                for joined, left in person
            )
            for person in found
        )
        for minute in range(MINUTES)
    ]
    assert people_by_minute(found, START, END) == by_hand
