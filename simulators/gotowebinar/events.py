"""The payloads of webhook events, in the shapes of GoTo's guide and as they were seen."""

from __future__ import annotations

from typing import Any

from .records import APPROVED, Registrant, Session, Webinar
from .shapes import iso, join_url

Carries = dict[str, Any]


def registrant_event(webinar: Webinar, person: Registrant) -> Carries:
    """registrant.added: the complete record; the join link only when approved [guide]."""
    fields = dict(person.fields)
    shape: Carries = {
        "webinarKey": str(webinar.key),
        "webinarTitle": webinar.subject,
        "registrantKey": str(person.key),
        "firstName": person.first_name,
        "lastName": person.last_name,
        "email": person.email,
        "registrationDate": iso(person.registered_at),
        "status": person.status,
        "registrationSource": fields.pop("source", ""),
        # Seen with a capital letter.
        "Industry": fields.pop("industry", ""),
        **fields,
        "responses": [
            {"questionText": asked, "questionType": "shortAnswer", "answerText": [answer]}
            for asked, answer in person.responses
        ],
    }
    if person.status == APPROVED:
        shape["joinUrl"] = join_url(webinar, person)
    return shape


def joined_event(webinar: Webinar, session: Session, person: Registrant, now: int) -> Carries:
    """registrant.joined; the time was seen as text and as milliseconds, so both occur."""
    return {
        "webinarKey": str(webinar.key),
        "sessionKey": str(session.key),
        "registrantKey": str(person.key),
        "firstName": person.first_name,
        "lastName": person.last_name,
        "email": person.email,
        "joinTime": iso(now) if person.key % 2 else now * 1000,
    }


def survey_event(webinar: Webinar, session: Session, person: Registrant) -> Carries:
    """survey.submitted; its payload beside the keys is not published."""
    return {
        "webinarKey": str(webinar.key),
        "sessionKey": str(session.key),
        "registrantKey": str(person.key),
        "email": person.email,
    }


def webinar_event(webinar: Webinar, status: str = "") -> Carries:
    """webinar.created, and webinar.changed with a status UPDATED or DELETED."""
    return {
        "webinarKey": str(webinar.key),
        "webinarTitle": webinar.subject,
        **({"status": status} if status else {}),
    }
