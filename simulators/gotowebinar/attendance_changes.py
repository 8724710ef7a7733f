"""Control paths that change the reports of ended sessions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from . import errors
from .changes import find_person, find_room, line
from .goto import GoTo, Room
from .records import Attendance, Hold, Interval, Registrant, Session

Body = Mapping[str, Any]


def hold_attendance(goto: GoTo, body: Body) -> object:
    """``{webinar, minutes, listed?}``: for this many minutes of GoTo's clock after the end of each
    session, report only the first ``listed`` (0) attendees, although the session has the full
    count. With 0 minutes report all at once.

    Held-back attendees are on no list, cannot be requested, and have no questions or poll answers.
    """
    room = find_room(goto, body)
    seconds, listed = int(float(body["minutes"]) * 60), int(body.get("listed", 0))
    if seconds < 0 or listed < 0:
        raise ValueError("minutes and listed are not below 0")
    room.webinar.hold = Hold(seconds, listed) if seconds else None
    _changed(goto, room)
    webinar, now = room.webinar, goto.now()
    shown = sum(len(webinar.reported(session, now)) for session in webinar.ended_sessions())
    return {"listed": shown}


def correct_attendance(goto: GoTo, body: Body) -> object:
    """``{webinar, email | registrantKey, minutes | intervals | absent: true, session?}``: correct
    the report for a person, in the last session that they attended, or else in the last one;
    ``{webinar, session, deleted: true}`` removes a session.

    ``intervals`` are [join, leave] in seconds from the start of the session, which lasts as long as
    the longest. Questions of a person who is now absent stay.
    """
    room = find_room(goto, body)
    webinar = room.webinar
    if body.get("deleted"):
        session = _session(room, body["session"])
        webinar.sessions = [other for other in webinar.sessions if other.key != session.key]
        del room.sessions[session.key]
        _changed(goto, room)
        return {"sessionKey": str(session.key), "sessions": len(webinar.ended_sessions())}
    person = find_person(room, body, webinar.all_people())
    session = _last_with(room, person) if "session" not in body else _session(room, body["session"])
    if body.get("absent"):
        if _attendance(session, person) is None:
            raise errors.not_found("They were not in that session")
        session.attendances = [
            other for other in session.attendances if other.registrant_key != person.key
        ]
    else:
        if "minutes" not in body and "intervals" not in body:
            raise ValueError("one of minutes, intervals, absent and deleted says what is right")
        attend(session, person, body)
    _changed(goto, room)
    return line(person) | session_summary(session)


def walk_in(goto: GoTo, body: Body) -> object:
    """``{webinar, email, firstName?, lastName?, minutes? | intervals?, session?}``: add an attendee
    of the last session that ended, for all of it by default, who never registered: GoTo answers 404
    for them as a registrant."""
    room = find_room(goto, body)
    session = room.last_session() if "session" not in body else _session(room, body["session"])
    first_name, last_name = body.get("firstName", "Someone"), body.get("lastName", "Walking-in")
    person = unregistered(goto, room, str(body["email"]), str(first_name), str(last_name))
    attend(session, person, body)
    _changed(goto, room)
    return line(person) | session_summary(session)


def unregistered(goto: GoTo, room: Room, email: str, first_name: str, last_name: str) -> Registrant:
    """Return the walk-in with this address, created if there is none."""
    for person in room.webinar.walk_ins:
        if person.email.casefold() == email.casefold():
            return person
    person = Registrant(goto.account.next_key(), email, first_name, last_name, goto.now())
    room.webinar.walk_ins.append(person)
    return person


def attend(session: Session, person: Registrant, body: Body) -> None:
    """Report a person with ``minutes`` or ``intervals``, or for the whole session. Their answers to
    polls stay."""
    start, end = session.started_at, session.ended_at or session.started_at
    spans: list[Interval] = [(start, end)]
    if "intervals" in body:
        spans = [(start + int(joined), start + int(left)) for joined, left in body["intervals"]]
    elif body.get("minutes") is not None:
        spans = [(start, start + int(float(body["minutes"]) * 60))]
    if any(left < joined for joined, left in spans):
        raise ValueError("people cannot leave before they join")
    known = _attendance(session, person)
    if known is None:
        session.attendances.append(Attendance(person.key, spans))
    else:
        known.intervals = spans
    session.ended_at = max([end, *(left for _, left in spans)])


def session_summary(session: Session) -> dict[str, object]:
    """Return a control path's answer about a session."""
    return {"sessionKey": str(session.key), "attended": len(session.attendances)}


def _session(room: Room, key: object) -> Session:
    """Return an ended session. Raises Refusal (404)."""
    for session in room.webinar.ended_sessions():
        if str(session.key) == str(key):
            return session
    raise errors.not_found(f"no session {key} has ended")


def _last_with(room: Room, person: Registrant) -> Session:
    for session in reversed(room.webinar.ended_sessions()):
        if _attendance(session, person) is not None:
            return session
    return room.last_session()


def _attendance(session: Session, person: Registrant) -> Attendance | None:
    mine = (one for one in session.attendances if one.registrant_key == person.key)
    return next(mine, None)


def _changed(goto: GoTo, room: Room) -> None:
    room.changed()
    goto.revision += 1


ATTENDANCE_CHANGES: dict[str, Callable[[GoTo, Body], object]] = {
    "hold-attendance": hold_attendance,
    "correct-attendance": correct_attendance,
    "walk-in": walk_in,
}
