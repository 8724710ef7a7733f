"""Records in the shapes of GoTo's contract (REST API v2, spec 2.0.0), quirks included.

Keys are numbers in some shapes and strings in others, as in the contract.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from .records import (
    Account,
    Asked,
    Attendance,
    Interval,
    Person,
    Registrant,
    Session,
    User,
    Webinar,
)

encode = msgspec.json.Encoder().encode
BASE = "https://attendee.gotowebinar.example"
Shape = dict[str, Any]


def iso(moment: int) -> str:
    """Return a time in the contract's format: 2020-03-13T10:00:00Z."""
    return datetime.fromtimestamp(moment, UTC).isoformat()[:19] + "Z"


def span(interval: Interval) -> Shape:
    """DateTimeRange."""
    return {"startTime": iso(interval[0]), "endTime": iso(interval[1])}


def join_url(webinar: Webinar, person: Registrant) -> str:
    """The personal link; always present in the contract, usable only once approved."""
    return f"{BASE}/join/{webinar.key}/{person.key}"


def registration_url(webinar: Webinar) -> str:
    """GoTo's own form."""
    return f"{BASE}/register/{webinar.key}"


def registrant_row(webinar: Webinar, person: Registrant) -> Shape:
    """Registrant: all that the list contains."""
    return {
        "lastName": person.last_name,
        "email": person.email,
        "firstName": person.first_name,
        "registrantKey": person.key,
        "registrationDate": iso(person.registered_at),
        "status": person.status,
        "joinUrl": join_url(webinar, person),
        "timeZone": webinar.time_zone,
    }


def registrant_detail(webinar: Webinar, person: Registrant) -> Shape:
    """RegistrantDetailed: the list's row, the optional fields submitted, and answers."""
    shape = {
        **registrant_row(webinar, person),
        **person.fields,
        "type": "LATE" if person.late else "REGULAR",
        "unsubscribed": person.unsubscribed,
        "responses": [{"question": asked, "answer": answer} for asked, answer in person.responses],
    }
    if "numberOfEmployees" in person.fields:
        shape.setdefault("employeeCount", person.fields["numberOfEmployees"])
    return shape


def registrant_created(webinar: Webinar, person: Registrant) -> Shape:
    """RegistrantCreated, with the additional status of real answers."""
    return {
        "registrantKey": person.key,
        "joinUrl": join_url(webinar, person),
        "status": person.status,
    }


def form(webinar: Webinar) -> Shape:
    """RegistrationFields."""
    fields = [
        {"field": spec.name, "required": spec.required, "maxSize": spec.max_size}
        | ({"answers": spec.answers} if spec.answers else {})
        for spec in webinar.fields
    ]
    questions = []
    for question in webinar.questions:
        shape: Shape = {
            "questionKey": question.key,
            "question": question.text,
            "required": question.required,
            "type": "multipleChoice" if question.answers else "shortAnswer",
            "maxSize": question.max_size,
        }
        if question.answers:
            shape["answers"] = [
                {"answerKey": key, "answer": answer} for key, answer in question.answers
            ]
        questions.append(shape)
    return {"questions": questions, "fields": fields}


def webinar_row(account: Account, webinar: Webinar) -> Shape:
    """Webinar: keys are strings here. The contract requires ``webinarId`` and describes
    ``webinarID``; both are sent, and ``isOndemand``, which it describes for webinars in session
    only, as real answers contain more than documented."""
    return {
        "webinarKey": str(webinar.key),
        "webinarId": webinar.display_id,
        "webinarID": webinar.display_id,
        "organizerKey": str(webinar.organizer_key),
        "accountKey": str(account.owner(webinar).account_key),
        "subject": webinar.subject,
        "description": webinar.description,
        "times": [span(times) for times in webinar.times],
        "timeZone": webinar.time_zone,
        "locale": webinar.locale,
        "status": "NEW",
        "approvalType": "MANUAL" if webinar.manual_approval else "AUTOMATIC",
        "registrationUrl": registration_url(webinar),
        "impromptu": False,
        "isPasswordProtected": False,
        "recurrenceType": webinar.kind,
        "experienceType": webinar.experience,
        "isOndemand": webinar.ondemand,
    } | ({"recurrenceKey": str(webinar.recurrence_key)} if webinar.recurrence_key else {})


def webinar_by_key(account: Account, webinar: Webinar) -> Shape:
    """WebinarByKey: webinar and organizer keys are numbers here, the account's is a string."""
    organizer = account.owner(webinar)
    return {
        "webinarKey": webinar.key,
        "webinarID": webinar.display_id,
        "subject": webinar.subject,
        "description": webinar.description,
        "organizerKey": organizer.key,
        "organizerEmail": organizer.email,
        "organizerName": organizer.name,
        "times": [span(times) for times in webinar.times],
        "registrationUrl": registration_url(webinar),
        "inSession": webinar.is_live(),
        "impromptu": False,
        "type": webinar.kind,
        "timeZone": webinar.time_zone,
        "numberOfRegistrants": len(webinar.registrants),
        "registrationLimit": webinar.registration_limit,
        "locale": webinar.locale,
        "accountKey": str(organizer.account_key),
        "recurrencePeriod": webinar.kind,
        "experienceType": webinar.experience.lower(),
        "isPasswordProtected": False,
    }


def webinar_in_session(account: Account, webinar: Webinar) -> Shape:
    """BrokerWebinar."""
    shape = webinar_by_key(account, webinar)
    shape["coorganizers"] = [
        {"email": person.email, "organizerKey": person.key} for person in webinar.coorganizers
    ]
    shape["isOndemand"] = webinar.ondemand
    left_out = ("type", "registrationLimit", "locale", "accountKey", "recurrencePeriod",
                "isPasswordProtected")  # fmt: skip
    return {name: value for name, value in shape.items() if name not in left_out}


def coorganizer(webinar: Webinar, person: Person) -> Shape:
    """Coorganizer; external ones have no surname by the contract's text, yet its schema requires
    one, so theirs is empty."""
    return {
        "joinLink": f"{BASE}/organize/{webinar.key}/{person.key}",
        "email": person.email,
        "memberKey": str(person.key),
        "external": person.external,
        "surname": "" if person.external else person.last_name,
        "givenName": person.first_name,
    }


def panelist(webinar: Webinar, person: Person) -> Shape:
    """Panelist; the key is a number here and a string in `created_panelist`."""
    return {
        "joinLink": f"{BASE}/present/{webinar.key}/{person.key}",
        "email": person.email,
        "panelistId": person.key,
        "name": person.name,
        "firstName": person.first_name,
        "lastName": person.last_name,
    }


def created_panelist(webinar: Webinar, person: Person) -> Shape:
    """CreatedPanelist."""
    row = panelist(webinar, person)
    return {
        "name": row["name"],
        "email": row["email"],
        "joinLink": row["joinLink"],
        "panelistKey": str(person.key),
    }


def session_row(account: Account, webinar: Webinar, session: Session) -> Shape:
    """ReportingSession: keys are strings here."""
    organizer = account.owner(webinar)
    name, key = organizer.name, str(organizer.key)
    return {
        "sessionKey": str(session.key),
        "webinarKey": str(webinar.key),
        "webinarName": webinar.subject,
        "startTime": iso(session.started_at),
        "endTime": iso(session.ended_at or session.started_at),
        "registrantsAttended": len(session.attendances),
        "registrantCount": len(webinar.registrants),
        "accountKey": str(organizer.account_key),
        "creatingOrganizerKey": key,
        "creatingOrganizerName": name,
        "startingOrganizerKey": key,
        "startingOrganizerName": name,
        "totalPollCount": len(session.polls),
        "timeZone": webinar.time_zone,
        "experienceType": webinar.experience,
        "webinarID": webinar.display_id,
    }


def attendee_row(session: Session, attendance: Attendance, person: Registrant) -> Shape:
    """Attendee and ReportingAttendee: keys are numbers here. Intervals may overlap (two devices),
    and the sum then counts the overlap twice: a client has to sum correctly."""
    return {
        "registrantKey": person.key,
        "sessionKey": session.key,
        "email": person.email,
        "attendanceTimeInSeconds": sum(end - start for start, end in attendance.intervals),
        "attendance": [
            {"joinTime": iso(start), "leaveTime": iso(end)} for start, end in attendance.intervals
        ],
        "firstName": person.first_name,
        "lastName": person.last_name,
    }


def question_row(organizer: User, asked: Asked) -> Shape:
    """AttendeeQuestion: asker and answerer keys are strings here."""
    return {
        "answers": [
            {
                "answer": answer.text,
                "answeredBy": str(organizer.key),
                "answererRole": "organizer",
                "answerTime": iso(answer.answered_at),
                "answererEmail": organizer.email,
            }
            for answer in asked.answers
        ],
        "question": asked.text,
        "askedBy": asked.email,
        "askerKey": str(asked.registrant_key),
        "dateAsked": iso(asked.asked_at),
    }
