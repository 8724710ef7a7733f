"""What GoTo reports about a session as a whole: polls, surveys and performance."""

from __future__ import annotations

from collections import Counter
from typing import Any

from .records import Attendance, Poll, Reply, Session, Webinar
from .shapes import Shape, iso


def replies(given: list[Reply]) -> list[Shape]:
    """PollAnswer of one attendee, with the deprecated ``answer``."""
    return [
        {"question": reply.question, "answers": reply.answers, "answer": ", ".join(reply.answers)}
        for reply in given
    ]


def polls(session: Session, reported: list[Attendance]) -> list[Shape]:
    """Poll for each poll of the session, as answered by those reported at ``now``."""
    return [_poll(poll, reported, surveys=False) for poll in session.polls]


def surveys(session: Session, reported: list[Attendance]) -> list[Shape]:
    """Poll for each survey question of the session, as answered by those reported at ``now``."""
    return [_poll(poll, reported, surveys=True) for poll in session.surveys]


def _poll(poll: Poll, attendances: list[Attendance], *, surveys: bool) -> Shape:
    given = [
        reply.answers
        for attendance in attendances
        for reply in (attendance.surveys if surveys else attendance.polls)
        if reply.question == poll.question
    ]
    counted = Counter(answer for answers in given for answer in answers)
    return {
        "question": poll.question,
        "numberOfResponses": len(given),
        "responses": [
            {"text": choice, "percentage": percentage(counted[choice], len(given))}
            for choice in poll.choices
        ],
    }


def performance(webinar: Webinar, session: Session) -> Shape:
    """SessionPerformance; the session key is a string here."""
    present = session.attendances
    seconds = sum(attendance.seconds() for attendance in present)
    return {
        "sessionInfo": {
            "webinarName": webinar.subject,
            "webinarId": webinar.display_id,
            "sessionKey": str(session.key),
            "timeZone": webinar.time_zone,
            "experienceType": webinar.experience,
            "recurrencePeriod": webinar.kind,
            "startTime": iso(session.started_at),
            "endTime": iso(session.ended_at or session.started_at),
            "registrationEmailOpenedCount": str(len(webinar.registrants) // 2),
            "registrationLinkClickedCount": str(len(webinar.registrants)),
        },
        "attendance": {
            "registrantCount": len(webinar.registrants),
            "percentageAttendance": percentage(len(present), len(webinar.registrants)),
            "averageInterestRating": 61.5,
            "averageAttentiveness": 72.25,
            "averageAttendanceTimeSeconds": round(seconds / len(present), 2) if present else 0.0,
        },
        "pollsAndSurveys": {
            "pollCount": len(session.polls),
            "surveyCount": float(len(session.surveys)),
            "questionsAsked": len(session.questions),
            "percentagePollsCompleted": _answered(present, surveys=False),
            "percentageSurveysCompleted": _answered(present, surveys=True),
        },
    }


def all_performance(webinar: Webinar) -> dict[str, Any]:
    """SessionPerformance by session key."""
    return {str(session.key): performance(webinar, session) for session in webinar.ended_sessions()}


def _answered(present: list[Attendance], *, surveys: bool) -> float:
    answered = sum(bool(person.surveys if surveys else person.polls) for person in present)
    return percentage(answered, len(present))


def percentage(part: int, whole: int) -> float:
    """Part of whole in percent, never above 100."""
    return min(100.0, round(100 * part / whole, 1)) if whole else 0.0
