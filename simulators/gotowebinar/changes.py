"""Control paths that change the account, one function for each path."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

from . import errors
from .forms import OPTIONAL_FIELDS, Answers, form_field
from .goto import GoTo, Room
from .happenings import fill_session
from .people import someone
from .records import (
    Answer,
    Asked,
    Attendance,
    FormField,
    FormQuestion,
    Poll,
    Registrant,
    Reply,
    Session,
)
from .schedule import blank

Body = Mapping[str, Any]
EXPERIENCES = ("CLASSIC", "BROADCAST", "SIMULIVE")


def find_room(goto: GoTo, body: Body) -> Room:
    """Return the webinar with the key or label ``webinar``, even if deleted. Raises Refusal
    (404)."""
    named = str(body["webinar"])
    for webinar in goto.account.webinars:
        if named in (str(webinar.key), webinar.label):
            return goto.room(webinar.key, deleted_too=True)
    raise errors.not_found(f"no webinar {named}")


def find_person(room: Room, body: Body, among: list[Registrant] | None = None) -> Registrant:
    """Return the person on the list, or ``among`` others, with ``registrantKey`` or ``email``.

    Raises Refusal (404).
    """
    key, email = body.get("registrantKey"), str(body.get("email", "")).casefold()
    for person in room.webinar.registrants if among is None else among:
        if str(person.key) == str(key) or (key is None and person.email.casefold() == email):
            return person
    raise errors.not_found(f"no registrant {key or email}")


def line(person: Registrant) -> dict[str, str]:
    """Return a control path's answer about a registrant."""
    return {"email": person.email, "registrantKey": str(person.key), "status": person.status}


def register(goto: GoTo, body: Body) -> object:
    """``{webinar, email, firstName, lastName, status?, …fields}``: add a registrant without
    validation, so a second one with the same address is possible."""
    room = find_room(goto, body)
    fields = {name: str(body[name]) for name in OPTIONAL_FIELDS if body.get(name)}
    answers = Answers(
        str(body["email"]), str(body.get("firstName", "Someone")),
        str(body.get("lastName", "New")), fields,
    )  # fmt: skip
    return line(goto.admit(room, answers, body.get("status")))


def register_many(goto: GoTo, body: Body) -> object:
    """``{webinar, count, from?}``: add this many new people at once; ``from`` is the number of the
    first; the same numbers are the same people."""
    room = find_room(goto, body)
    first = int(body.get("from", 200_000))
    invited = _invite(goto, room, int(body["count"]), first)
    return {"registrants": [line(person) for person in invited]}


def _invite(goto: GoTo, room: Room, count: int, number: int = 200_000) -> list[Registrant]:
    people: list[Registrant] = []
    while len(people) < count:
        number += 1
        who = someone(number, goto.account.seed)
        if who.email.casefold() not in room.by_email:
            answers = Answers(who.email, who.first_name, who.last_name, dict(who.fields))
            people.append(goto.admit(room, answers))
    return people


def cancel(goto: GoTo, body: Body) -> object:
    """``{webinar, email | registrantKey}``: remove from the list, even of a past webinar."""
    room = find_room(goto, body)
    person = find_person(room, body)
    goto.cancel(room.webinar.key, person.key, past_too=True)
    return line(person)


def set_status(goto: GoTo, body: Body) -> object:
    """``{webinar, email | registrantKey, status}``: APPROVED, DENIED or WAITING."""
    room = find_room(goto, body)
    person = find_person(room, body)
    if body["status"] not in ("APPROVED", "DENIED", "WAITING"):
        raise ValueError("status is APPROVED, DENIED or WAITING")
    goto.set_status(room.webinar.key, person.key, body["status"])
    return line(person)


def fill(goto: GoTo, body: Body) -> object:
    """``{webinar, with_people?}``: fill the webinar. Lower the limit to the number of registrants,
    or with ``with_people`` true add people up to the limit."""
    room = find_room(goto, body)
    webinar = room.webinar
    if body.get("with_people"):
        _invite(goto, room, max(0, webinar.registration_limit - len(webinar.registrants)))
    else:
        webinar.registration_limit = len(webinar.registrants)
    goto.revision += 1
    return _limits(room)


def set_limit(goto: GoTo, body: Body) -> object:
    """``{webinar, limit}``."""
    room = find_room(goto, body)
    room.webinar.registration_limit = int(body["limit"])
    goto.revision += 1
    return _limits(room)


def raise_limit(goto: GoTo, body: Body) -> object:
    """``{webinar, by}``: raise the limit by this number."""
    room = find_room(goto, body)
    room.webinar.registration_limit += int(body.get("by", 1))
    goto.revision += 1
    return _limits(room)


def _limits(room: Room) -> dict[str, int]:
    webinar = room.webinar
    return {"limit": webinar.registration_limit, "registrants": len(webinar.registrants)}


def require_fields(goto: GoTo, body: Body) -> object:
    """``{webinar, fields: [names], question?: text}``: require these fields from now on; a question
    is a custom one with a short answer."""
    webinar = find_room(goto, body).webinar
    by_name = {spec.name: spec for spec in webinar.fields}
    for name in body.get("fields", []):
        if name not in OPTIONAL_FIELDS:
            raise ValueError(f"no such field: {name}")
        if name not in by_name:
            by_name[name] = form_field(name)
            webinar.fields.append(by_name[name])
        by_name[name].required = True
    if body.get("question"):
        key = goto.account.next_key()
        webinar.questions.append(FormQuestion(key, str(body["question"]), required=True))
    goto.revision += 1
    return {"fields": [spec.name for spec in webinar.fields if spec.required]}


def ask_fields(goto: GoTo, body: Body) -> object:
    """``{webinar, fields: [{name, required?, max_size?, answers?}]}``: change these fields of the
    form."""
    webinar = find_room(goto, body).webinar
    asked = {str(item["name"]): item for item in body.get("fields", [])}
    if unknown := asked.keys() - set(OPTIONAL_FIELDS):
        raise ValueError(f"no such field: {', '.join(sorted(unknown))}")
    remaining = [spec for spec in webinar.fields if spec.name not in asked]
    webinar.fields = remaining + [
        FormField(
            name,
            required=bool(item.get("required")),
            max_size=int(item.get("max_size", 128)),
            answers=[str(text) for text in item.get("answers", [])],
        )
        for name, item in asked.items()
    ]
    goto.revision += 1
    return {"fields": list(asked)}


def new_webinar(goto: GoTo, body: Body) -> object:
    """``{subject, limit?, days?, experience?, ondemand?}``: create a webinar of the first
    organizer, an hour long, in this many days; ``experience`` is CLASSIC, BROADCAST or SIMULIVE."""
    experience = body.get("experience", EXPERIENCES[0])
    if experience not in EXPERIENCES:
        raise ValueError(f"experience is one of {', '.join(EXPERIENCES)}")
    start = goto.now() + int(float(body.get("days", 7)) * 86_400)
    webinar = blank(goto, goto.account.first, str(body["subject"]), [(start, start + 3600)])
    webinar.registration_limit = int(body.get("limit", webinar.registration_limit))
    webinar.experience, webinar.ondemand = experience, bool(body.get("ondemand", False))
    goto.add_webinar(webinar)
    return {"webinarKey": str(webinar.key)}


def delete_webinar(goto: GoTo, body: Body) -> object:
    """``{webinar}``: cancel it; every call for it answers 404."""
    room = find_room(goto, body)
    goto.delete_webinar(room.webinar.key)
    return {"webinarKey": str(room.webinar.key)}


def change_webinar(goto: GoTo, body: Body) -> object:
    """``{webinar, subject?, shift_minutes?}``: change the subject or the times."""
    webinar = find_room(goto, body).webinar
    webinar.subject = str(body.get("subject", webinar.subject))
    shift = int(float(body.get("shift_minutes", 0)) * 60)
    webinar.times = [(start + shift, end + shift) for start, end in webinar.times]
    goto.changed_webinar(webinar.key)
    return {"webinarKey": str(webinar.key), "subject": webinar.subject}


def join(goto: GoTo, body: Body) -> object:
    """``{webinar, email | registrantKey}``: join the live session."""
    room = find_room(goto, body)
    session = goto.join(room, find_person(room, body))
    return {"sessionKey": str(session.key)}


def submit_survey(goto: GoTo, body: Body) -> object:
    """``{webinar, email | registrantKey, question, answer}``: add to the last session's surveys."""
    room = find_room(goto, body)
    person = find_person(room, body)
    session = goto.submit_survey(room, person, str(body["question"]), str(body["answer"]))
    return {"sessionKey": str(session.key)}


def start_session(goto: GoTo, body: Body) -> object:
    """``{webinar}``: start a session."""
    session = goto.start_session(find_room(goto, body).webinar.key)
    return {"sessionKey": str(session.key)}


def end_session(goto: GoTo, body: Body) -> object:
    """``{webinar, attendees?: [{email | registrantKey, minutes?, intervals?}], questions?: [{email,
    question, answer?}], polls?: [{question, choices}], surveys?}``.

    ``intervals`` are [join, leave] in seconds from the start of the session, which lasts as long as
    the longest. Every attendee answers polls with the first choice. Without ``attendees`` about
    half the registrants attend, as in the seeded account.
    """
    room = find_room(goto, body)

    def by_order(room: Room, session: Session) -> None:
        _attend(room, session, body)

    def by_chance(room: Room, session: Session) -> None:
        fill_session(random.Random(session.key), room.webinar, session)

    chosen = by_order if "attendees" in body else by_chance
    session = goto.end_session(room.webinar.key, chosen)
    return {"sessionKey": str(session.key), "attended": len(session.attendances)}


def _attend(room: Room, session: Session, body: Body) -> None:
    session.polls = [Poll(one["question"], list(one["choices"])) for one in body.get("polls", [])]
    session.surveys = [
        Poll(one["question"], list(one["choices"])) for one in body.get("surveys", [])
    ]
    start = session.started_at
    for one in body["attendees"]:
        person = find_person(room, one)
        spans = one.get("intervals") or [[0, int(float(one.get("minutes", 30)) * 60)]]
        session.attendances.append(
            Attendance(
                person.key,
                [(start + int(joined), start + int(left)) for joined, left in spans],
                [Reply(poll.question, poll.choices[:1]) for poll in session.polls],
                [Reply(poll.question, poll.choices[:1]) for poll in session.surveys],
            )
        )
    ends = [left for attendance in session.attendances for _, left in attendance.intervals]
    session.ended_at = max([session.ended_at or start, *ends])
    for one in body.get("questions", []):
        person = find_person(room, one)
        asked = Asked(person.key, person.email, str(one["question"]), start + 30)
        if one.get("answer"):
            asked.answers.append(Answer(str(one["answer"]), start + 60))
        session.questions.append(asked)


def unsubscribe(goto: GoTo, body: Body) -> object:
    """``{webinar, email | registrantKey, on?}``: opt out of the organizer's emails, or with
    ``{"on": false}`` opt in again; only the details contain it."""
    person = find_person(find_room(goto, body), body)
    person.unsubscribed = bool(body.get("on", True))
    goto.revision += 1
    return line(person) | {"unsubscribed": person.unsubscribed}


def attend_unlisted(goto: GoTo, body: Body) -> object:
    """``{webinar, email, firstName?, lastName?, registered_ago?, minutes?}``: add an attendee of
    the last session who is not on the list; requested individually, they registered
    ``registered_ago`` seconds ago."""
    room = find_room(goto, body)
    session = room.last_session()
    person = Registrant(
        key=goto.account.next_key(),
        email=str(body["email"]),
        first_name=str(body.get("firstName", "Someone")),
        last_name=str(body.get("lastName", "Unlisted")),
        registered_at=goto.now() - int(body.get("registered_ago", 0)),
    )
    room.webinar.unlisted.append(person)
    end = session.started_at + int(float(body.get("minutes", 30)) * 60)
    session.attendances.append(Attendance(person.key, [(session.started_at, end)]))
    room.changed()
    goto.revision += 1
    return line(person)


CHANGES: dict[str, Callable[[GoTo, Body], object]] = {
    "register": register,
    "register-many": register_many,
    "cancel": cancel,
    "set-status": set_status,
    "fill": fill,
    "set-limit": set_limit,
    "raise-limit": raise_limit,
    "require-fields": require_fields,
    "ask-fields": ask_fields,
    "new-webinar": new_webinar,
    "delete-webinar": delete_webinar,
    "change-webinar": change_webinar,
    "join": join,
    "submit-survey": submit_survey,
    "start-session": start_session,
    "end-session": end_session,
    "unsubscribe": unsubscribe,
    "attend-unlisted": attend_unlisted,
}
