"""Attendance, questions and answers, for any list of GoTo and any stored data."""

import datetime as dt

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.models import Activity
from platforms.records import Attendee, Interval, PollAnswer, Question, QuestionAnswer
from sync.pull.attendance_plan import (
    LocalAttendance,
    LocalSession,
    attended,
    plan_answers,
    plan_attendance,
    plan_questions,
)
from sync.pull.changes import AttendancePlan, NewActivity, Stay
from webinars.attendance import Listed, attended_line, merge_intervals, seconds_in_room

pytestmark = pytest.mark.pure
START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
ZERO = int(START.timestamp())
SESSION = LocalSession(5, "s", START, START + dt.timedelta(hours=1))
STAYS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)).map(sorted).map(list))


def attendee(*stays: tuple[int, int], key: str = "k", session: str = "s") -> Attendee:
    """Return an attendee whose stays are given in seconds after the start."""
    return Attendee(
        key, session, "a@x.example", "A", "B", 0,
        tuple(Interval(moment(joined), moment(left)) for joined, left in stays),
    )  # fmt: skip


def listed(*stays: list[int]) -> dict[str, Listed]:
    """Return the stored attendance of registrant "k"."""
    return {"k": Listed(stays=list(stays))}


def moment(second: float) -> dt.datetime:
    return START + dt.timedelta(seconds=second)


@given(STAYS, STAYS)
def test_merging_stays_is_the_same_however_often_and_in_whatever_order(
    some: list[list[int]], more: list[list[int]]
) -> None:
    both = merge_intervals(some, more)
    assert (
        both
        == merge_intervals(more, some)
        == merge_intervals(both, some)
        == merge_intervals(both, both)
    )


@given(STAYS)
def test_time_in_the_room_counts_each_second_once(stays: list[list[int]]) -> None:
    there = {second for joined, left in stays for second in range(joined, left)}
    assert seconds_in_room(merge_intervals(stays, [])) == len(there)


@given(STAYS.filter(bool))
def test_attendance_planned_twice_is_written_once(stays: list[tuple[int, int]]) -> None:
    person = attendee(*stays)
    local = LocalAttendance(people={"k": (1, 2)})
    [stay] = plan_attendance([person], {"s": SESSION}, local).stays
    local.stays[1, 5] = 3, stay.by_registrant
    assert not plan_attendance([person, person], {"s": SESSION}, local)


def test_of_two_stays_with_one_start_the_longer_is_stored() -> None:
    assert merge_intervals([[30, 40], [0, 10]], [[0, 20], [30, 35]]) == [[0, 20], [30, 40]]


def test_a_stay_that_ends_before_it_begins_has_no_length() -> None:
    assert merge_intervals([[30, 10]], []) == [[30, 30]]


def test_a_session_that_ends_before_it_begins_has_no_length() -> None:
    for hours, seconds in ((1, 3600), (-1, 0)):
        _at, line = attended_line("s", START, START + dt.timedelta(hours=hours), [], 0)
        assert (line["session_seconds"], line["share"]) == (seconds, 0.0)


def test_a_first_stay_is_an_attendance_and_an_activity() -> None:
    local = LocalAttendance(people={"k": (1, 2)})
    plan = plan_attendance([attendee((600, 900), (0, 300))], {"s": SESSION}, local)
    intervals = [[ZERO, ZERO + 300], [ZERO + 600, ZERO + 900]]
    assert plan == AttendancePlan(
        stays=[Stay(1, 2, 5, None, intervals, 600, {"k": {"stays": intervals}})],
        activities=[
            NewActivity(
                2,
                "attended:s",
                "attended",
                START,
                {
                    "session": "s",
                    "seconds": 600,
                    "session_seconds": 3600,
                    "share": 0.1667,
                    "joined": ZERO,
                    "left": ZERO + 900,
                },
            )
        ],
    )


def test_a_longer_stay_changes_the_stored_attendance() -> None:
    local = LocalAttendance({"k": (1, 2)}, {(1, 5): (9, listed([ZERO, ZERO + 100]))})
    [stay] = plan_attendance([attendee((0, 200))], {"s": SESSION}, local).stays
    intervals = [[ZERO, ZERO + 200]]
    assert stay == Stay(1, 2, 5, 9, intervals, 200, {"k": {"stays": intervals}})


@pytest.mark.rule(8)
def test_what_is_listed_now_counts() -> None:
    local = LocalAttendance({"k": (1, 2)}, {(1, 5): (9, listed([ZERO, ZERO + 100]))})
    [stay] = plan_attendance([attendee((0, 40))], {"s": SESSION}, local).stays
    assert (stay.intervals, stay.seconds) == ([[ZERO, ZERO + 40]], 40)


@pytest.mark.rule(8)
def test_what_another_page_of_the_read_listed_stays_beside_it() -> None:
    local = LocalAttendance({"k": (1, 2)}, {(1, 5): (9, listed([ZERO, ZERO + 100]))})
    [stay] = plan_attendance([attendee((200, 300))], {"s": SESSION}, local, {("k", "s")}).stays
    assert stay.intervals == [[ZERO, ZERO + 100], [ZERO + 200, ZERO + 300]]


@pytest.mark.rule(8)
def test_stays_of_a_registrant_who_is_someone_else_by_now_are_theirs() -> None:
    known = {**listed([ZERO, ZERO + 100]), "other": Listed(stays=[[ZERO + 200, ZERO + 300]])}
    local = LocalAttendance({"k": (1, 2), "other": (3, 4)}, {(1, 5): (9, known)})
    [stay] = plan_attendance([attendee((0, 100))], {"s": SESSION}, local).stays
    assert stay.intervals == [[ZERO, ZERO + 100]]


@pytest.mark.rule(8)
def test_without_stays_the_time_is_counted_from_the_start_and_called_estimated() -> None:
    reported = msgspec.structs.replace(attendee(), seconds=120)
    local = LocalAttendance(people={"k": (1, 2)})
    plan = plan_attendance([reported], {"s": SESSION}, local)
    assert (plan.stays[0].intervals, plan.stays[0].estimated) == ([[ZERO, ZERO + 120]], True)
    assert plan.activities[0].data["estimated"] is True


def test_an_attendee_listed_twice_has_all_their_stays() -> None:
    local = LocalAttendance(people={"k": (1, 2), "further": (1, 2)})
    page = [attendee((0, 100)), attendee((200, 300), key="further")]
    [stay] = plan_attendance(page, {"s": SESSION}, local).stays
    assert stay.intervals == [[ZERO, ZERO + 100], [ZERO + 200, ZERO + 300]]


def test_attendees_and_sessions_unknown_here_are_skipped() -> None:
    local = LocalAttendance(people={"k": (1, 2)})
    page = [
        attendee((0, 100), key="nobody"),
        attendee((0, 100), session="another"),
        attendee((0, 100)),
    ]
    assert [
        stay.registration_id for stay in plan_attendance(page, {"s": SESSION}, local).stays
    ] == [1]


def test_an_attendance_that_is_up_to_date_does_not_end_the_page() -> None:
    local = LocalAttendance({"k": (1, 2), "l": (3, 4)}, {(1, 5): (9, listed([ZERO, ZERO + 100]))})
    page = [attendee((0, 100)), attendee((0, 100), key="l")]
    plan = plan_attendance(page, {"s": SESSION}, local)
    assert [stay.registration_id for stay in plan.stays] == [3]
    assert [line.contact for line in plan.activities] == [4]


def test_an_attendee_without_stays_joined_as_the_session_began() -> None:
    activity = attended(2, SESSION, [], 0)
    assert activity.happened_at == START
    assert (activity.data["joined"], activity.data["left"]) == (ZERO, ZERO)
    assert (activity.data["seconds"], activity.data["share"]) == (0, 0.0)


def test_the_last_to_leave_of_two_devices_counts() -> None:
    activity = attended(2, SESSION, [[ZERO + 5, ZERO + 900], [ZERO + 10, ZERO + 20]], 895)
    assert (activity.data["joined"], activity.data["left"]) == (ZERO + 5, ZERO + 900)


@pytest.mark.parametrize(("length", "share"), [(0, 0.0), (1, 1.0), (2, 1.0), (4, 0.5)])
def test_no_one_attended_longer_than_the_session(length: int, share: float) -> None:
    session = LocalSession(5, "s", START, moment(length))
    assert attended(2, session, [[ZERO, ZERO + 2]], 2).data["share"] == share


QUESTIONS = [
    Question("nobody", "x@x.example", "Who?", START, ()),
    Question(
        "k",
        "a@x.example",
        "Why not?",
        START,
        (QuestionAnswer("Because", "o@x.example", "ORGANIZER", None),),
    ),
]
# The keys of entries are stored: a different key would write every entry again.
QUESTION_KEY = "question:s:06f6c5f56338b22971f4e00a"
DATA = {
    "session": "s",
    "question": "Why not?",
    "answers": [{"answer": "Because", "answered_by": "o@x.example"}],
}


def test_questions_of_known_people_are_activities() -> None:
    assert plan_questions(QUESTIONS, "s", {"k": 2}, {}) == [
        NewActivity(2, QUESTION_KEY, "question", START, DATA)
    ]


def test_a_question_is_written_again_when_it_was_answered() -> None:
    written = {(2, QUESTION_KEY): DATA}
    assert plan_questions(QUESTIONS, "s", {"k": 2}, written) == []
    unanswered = {(2, QUESTION_KEY): DATA | {"answers": []}}
    assert [line.data for line in plan_questions(QUESTIONS, "s", {"k": 2}, unanswered)] == [DATA]
    # A colleague's entry with the same key is another.
    assert len(plan_questions(QUESTIONS, "s", {"k": 2}, {(3, QUESTION_KEY): DATA})) == 1


def test_poll_answers_are_activities_at_the_end_of_the_session() -> None:
    answers = [PollAnswer("Skipped?", ()), PollAnswer("Again?", ("Yes", "Soon"))]
    assert plan_answers(Activity.Kind.POLL, answers, 2, SESSION) == [
        NewActivity(
            2,
            "poll:s:94eab8e666c7108027d4e818",
            "poll",
            SESSION.ended_at,
            {"session": "s", "question": "Again?", "answers": ["Yes", "Soon"]},
        )
    ]
