"""What a page of attendees, or a session's questions, changes here. Pure: no I/O, no clock."""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contacts.models import Activity
from platforms.gotowebinar import Attendee, PollAnswer, Question
from sync.pull.changes import AttendancePlan, NewActivity, Stay
from webinars.attendance import (
    Intervals,
    attended_key,
    attended_line,
    merge_intervals,
    seconds_in_room,
)


@dataclass(frozen=True, slots=True)
class LocalSession:
    """A session as it stands here."""

    id: int
    key: str
    started_at: dt.datetime
    ended_at: dt.datetime


@dataclass(slots=True)
class LocalAttendance:
    """What stands here about the attendees of one page."""

    # By registrant key: (registration id, contact id).
    people: dict[str, tuple[int, int]] = field(default_factory=dict)
    # By (registration id, session id): (attendance id, intervals).
    stays: dict[tuple[int, int], tuple[int, Intervals]] = field(default_factory=dict)


def plan_attendance(
    page: Sequence[Attendee], sessions: Mapping[str, LocalSession], local: LocalAttendance
) -> AttendancePlan:
    """Return what brings a page of attendees level; people and sessions unknown are passed over."""
    joined: dict[tuple[int, int], tuple[int, LocalSession, Intervals]] = {}
    for attendee in page:
        person = local.people.get(attendee.registrant_key)
        session = sessions.get(attendee.session_key)
        if person is None or session is None:
            continue
        registration_id, contact_id = person
        place = registration_id, session.id
        before = joined[place][2] if place in joined else local.stays.get(place, (0, []))[1]
        joined[place] = contact_id, session, merge_intervals(before, _intervals(attendee))
    plan = AttendancePlan()
    for place, (contact_id, session, intervals) in joined.items():
        attendance_id, known = local.stays.get(place, (None, None))
        if known == intervals:
            continue
        seconds = seconds_in_room(intervals)
        plan.stays.append(Stay(place[0], contact_id, session.id, attendance_id, intervals, seconds))
        plan.activities.append(attended(contact_id, session, intervals, seconds))
    return plan


def _intervals(attendee: Attendee) -> Intervals:
    return [
        [int(stay.joined_at.timestamp()), int(stay.left_at.timestamp())]
        for stay in attendee.intervals
    ]


def attended(
    contact_id: int, session: LocalSession, intervals: Intervals, seconds: int
) -> NewActivity:
    """Return the line of the timeline for the time that somebody spent in a session."""
    joined_at, data = attended_line(
        session.key, session.started_at, session.ended_at, intervals, seconds
    )
    return NewActivity(
        contact_id, attended_key(session.key), Activity.Kind.ATTENDED, joined_at, data
    )


def plan_questions(
    questions: Sequence[Question],
    session_key: str,
    contacts: Mapping[str, int],
    known: Mapping[tuple[int, str], Any],
) -> list[NewActivity]:
    """Return the timeline lines for questions that are new or answered anew.

    `contacts` gives contact ids by registrant key; `known` the data of lines already written, by
    (contact id, line's key). Questions of people who are nobody's contact are passed over.
    """
    lines = []
    for question in questions:
        contact_id = contacts.get(question.asker_key)
        if contact_id is None:
            continue
        key = f"question:{session_key}:{_digest(question.asked_at.isoformat(), question.question)}"
        data = {
            "session": session_key,
            "question": question.question,
            "answers": [
                {"answer": item.answer, "answered_by": item.answered_by}
                for item in question.answers
            ],
        }
        if known.get((contact_id, key)) != data:
            lines.append(
                NewActivity(contact_id, key, Activity.Kind.QUESTION, question.asked_at, data)
            )
    return lines


def plan_answers(
    kind: Activity.Kind, answers: Sequence[PollAnswer], contact_id: int, session: LocalSession
) -> list[NewActivity]:
    """Return the timeline lines for one attendee's poll or survey answers in a session."""
    return [
        NewActivity(
            contact_id,
            f"{kind}:{session.key}:{_digest(item.question)}",
            kind,
            session.ended_at,
            {"session": session.key, "question": item.question, "answers": list(item.answers)},
        )
        for item in answers
        if item.answers
    ]


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]
