"""The simulator's data about a webinar, to compare a client's result with."""

from __future__ import annotations

from typing import Any

from .records import Interval, Registrant, Session, Webinar, union_seconds
from .shapes import iso


def summary(webinar: Webinar, now: int) -> dict[str, Any]:
    """Return one line about a webinar: its key (a string), label and status."""
    return {
        "webinarKey": str(webinar.key),
        "label": webinar.label,
        "subject": webinar.subject,
        "type": webinar.kind,
        "start": iso(webinar.times[0][0]),
        "end": iso(webinar.times[-1][1]),
        "live": webinar.is_live(),
        "past": webinar.is_over(now),
        "full": webinar.is_full(),
        "deleted": webinar.deleted,
        "registrants": len(webinar.registrants),
        "cancelled": len(webinar.cancelled),
        "registrationLimit": webinar.registration_limit,
        "manualApproval": webinar.manual_approval,
        "sessions": [str(session.key) for session in webinar.ended_sessions()],
    }


def truth(webinar: Webinar, now: int) -> dict[str, Any]:
    """Return all data of one webinar; keys are strings, times ISO, durations seconds.

    ``attended`` has a line for each person who was in an ended session, their seconds summed over
    the sessions, overlaps within a session counted once. It is complete, even while a report is
    held back; those who attended without having registered are in ``walkIns`` too, which like
    ``panelists`` and ``coorganizers`` lists addresses.
    """
    people = {person.key: person for person in webinar.all_people()}
    return {
        **summary(webinar, now),
        "registrants": [_person(person) for person in webinar.registrants],
        "cancelled": [_person(person) for person in webinar.cancelled],
        "attended": _attended(webinar, people),
        "sessions": [_session(session, people) for session in webinar.ended_sessions()],
        "walkIns": _walk_ins(webinar),
        "panelists": [person.email for person in webinar.panelists],
        "coorganizers": [person.email for person in webinar.coorganizers],
    }


def _person(person: Registrant) -> dict[str, Any]:
    return {
        "email": person.email,
        "registrantKey": str(person.key),
        "firstName": person.first_name,
        "lastName": person.last_name,
        "status": person.status,
        "registrationDate": iso(person.registered_at),
        "fields": person.fields,
        "responses": [{"question": asked, "answer": answer} for asked, answer in person.responses],
    }


def _walk_ins(webinar: Webinar) -> list[str]:
    """Those who still count as present: a correction may have removed their only session."""
    present = {
        attendance.registrant_key
        for session in webinar.ended_sessions()
        for attendance in session.attendances
    }
    return [person.email for person in webinar.walk_ins if person.key in present]


def _attended(webinar: Webinar, people: dict[int, Registrant]) -> list[dict[str, Any]]:
    by_key: dict[int, list[list[Interval]]] = {}
    for session in webinar.ended_sessions():
        for attendance in session.attendances:
            by_key.setdefault(attendance.registrant_key, []).append(attendance.intervals)
    return [
        {
            "email": people[key].email,
            "registrantKey": str(key),
            "seconds": sum(union_seconds(intervals) for intervals in visits),
            "sessions": len(visits),
            "firstJoin": iso(min(start for intervals in visits for start, _ in intervals)),
            "lastLeave": iso(max(end for intervals in visits for _, end in intervals)),
        }
        for key, visits in by_key.items()
    ]


def _session(session: Session, people: dict[int, Registrant]) -> dict[str, Any]:
    return {
        "sessionKey": str(session.key),
        "start": iso(session.started_at),
        "end": iso(session.ended_at or session.started_at),
        "polls": len(session.polls),
        "surveys": len(session.surveys),
        "attended": [
            {
                "email": people[attendance.registrant_key].email,
                "registrantKey": str(attendance.registrant_key),
                "seconds": attendance.seconds(),
                "intervals": [[iso(start), iso(end)] for start, end in attendance.intervals],
                "polls": {reply.question: reply.answers for reply in attendance.polls},
                "surveys": {reply.question: reply.answers for reply in attendance.surveys},
            }
            for attendance in session.attendances
        ],
        "questions": [
            {
                "email": asked.email,
                "registrantKey": str(asked.registrant_key),
                "question": asked.text,
                "asked": iso(asked.asked_at),
                "answers": [answer.text for answer in asked.answers],
            }
            for asked in session.questions
        ],
    }
