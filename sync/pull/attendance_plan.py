"""Plan the changes for a page of attendees, or a session's questions. Pure: no I/O, no clock."""

import datetime as dt
import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contacts.models import Activity
from platforms.records import Attendee, PollAnswer, Question
from sync.pull.changes import AttendancePlan, NewActivity, Stay
from webinars.attendance import (
    Intervals,
    Listed,
    attended_key,
    attended_line,
    is_estimated,
    merge_intervals,
    seconds_in_room,
    union,
)


@dataclass(frozen=True, slots=True)
class LocalSession:
    """A session in the database."""

    id: int
    key: str
    started_at: dt.datetime
    ended_at: dt.datetime


@dataclass(slots=True)
class LocalAttendance:
    """The data in the database about the attendees of one page."""

    # By registrant key: (registration id, contact id). Of those on the page, and of those whose
    # attendance is combined with theirs.
    people: dict[str, tuple[int, int]] = field(default_factory=dict)
    # By (registration id, session id): (attendance id, listed attendance by registrant key).
    stays: dict[tuple[int, int], tuple[int, Mapping[str, Listed]]] = field(default_factory=dict)


Place = tuple[int, int]


def plan_attendance(
    page: Sequence[Attendee],
    sessions: Mapping[str, LocalSession],
    local: LocalAttendance,
    met: Collection[tuple[str, str]] = (),
) -> AttendancePlan:
    """Return the changes that sync a page of attendees; unknown people and sessions are skipped.

    The present list counts: it replaces what was listed for the same registrant's key before,
    unless this read has `met` (registrant key, session key) on an earlier page.
    """
    fresh: dict[Place, dict[str, Listed]] = {}
    places: dict[Place, tuple[int, LocalSession]] = {}
    for attendee in page:
        person = local.people.get(attendee.registrant_key)
        session = sessions.get(attendee.session_key)
        if person is None or session is None:
            continue
        place = person[0], session.id
        places[place] = person[1], session
        parts = fresh.setdefault(place, {})
        key = attendee.registrant_key
        before = parts.get(key)
        if before is None and (key, attendee.session_key) in met:
            before = local.stays.get(place, (0, {}))[1].get(key)
        parts[key] = _joined(_listed(attendee, session), before)
    plan = AttendancePlan()
    for place, (contact_id, session) in places.items():
        attendance_id, known = local.stays.get(place, (None, None))
        # The attendance of a registrant who now belongs to someone else goes with them.
        kept = {
            key: part
            for key, part in (known or {}).items()
            if local.people.get(key, (0, 0))[0] == place[0]
        }
        listed = kept | fresh[place]
        if listed != known:
            plan_stay(plan, place, contact_id, session, attendance_id, listed)
    return plan


def plan_stay(
    plan: AttendancePlan,
    place: Place,
    contact_id: int,
    session: LocalSession,
    attendance_id: int | None,
    listed: Mapping[str, Listed],
) -> None:
    """Add to `plan` what updates one attendance."""
    intervals = union(listed)
    seconds, estimated = seconds_in_room(intervals), is_estimated(listed)
    plan.stays.append(
        Stay(
            place[0], contact_id, session.id, attendance_id, intervals, seconds,
            dict(listed), estimated,
        )
    )  # fmt: skip
    plan.activities.append(attended(contact_id, session, intervals, seconds, estimated=estimated))


def _listed(attendee: Attendee, session: LocalSession) -> Listed:
    """Return the listed attendance of one registrant; without intervals they joined when the
    session began."""
    stays = [
        [int(stay.joined_at.timestamp()), int(stay.left_at.timestamp())]
        for stay in attendee.intervals
    ]
    if stays:
        return {"stays": merge_intervals(stays, [])}
    begun = int(session.started_at.timestamp())
    return {
        "stays": [[begun, begun + attendee.seconds]] if attendee.seconds else [],
        "estimated": True,
    }


def _joined(listed: Listed, before: Listed | None) -> Listed:
    """Combine two listed rows of one registrant in one session."""
    if before is None:
        return listed
    joined: Listed = {"stays": merge_intervals(listed["stays"], before["stays"])}
    if listed.get("estimated") and before.get("estimated"):
        joined["estimated"] = True
    return joined


def attended(
    contact_id: int,
    session: LocalSession,
    intervals: Intervals,
    seconds: int,
    *,
    estimated: bool = False,
) -> NewActivity:
    """Return the timeline entry for attendance of a session."""
    joined_at, data = attended_line(
        session.key, session.started_at, session.ended_at, intervals, seconds, estimated=estimated
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
    """Return the timeline entries for new and changed questions.

    `contacts` has contact ids by registrant key; `known` the data of existing entries, by (contact
    id, entry's key). Questions of people without a contact are skipped.
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
    """Return the timeline entries for one attendee's poll or survey answers in a session."""
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
