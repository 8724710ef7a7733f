"""The API's paths for reports: sessions, attendees, questions, polls, figures."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from . import errors, shapes, statistics
from .goto import Room
from .lookup import attendance_of, organizer_only, room_of, session_of
from .odd_rows import apply_odd_rows, with_odd_rows
from .records import Session
from .shapes import Shape, encode
from .web import answer, array, goto_of, paged, raw, time_range


async def organizer_sessions(request: Request) -> Response:
    """Ended sessions of all webinars inside the range, oldest first."""
    user, goto = organizer_only(request), goto_of(request)
    wanted = time_range(request)
    assert wanted is not None
    first, last = wanted
    found = [
        (session.started_at, encode(shapes.session_row(goto.account, webinar, session)))
        for webinar in goto.listed(user)
        for session in webinar.ended_sessions()
        if session.started_at <= last and (session.ended_at or 0) >= first
    ]
    rows = apply_odd_rows(goto, "sessions", [row for _, row in sorted(found)])
    return paged(request, "sessionInfoResources", rows)


async def sessions(request: Request) -> Response:
    """Ended sessions of one webinar."""
    webinar, goto = room_of(request).webinar, goto_of(request)
    rows = [
        encode(shapes.session_row(goto.account, webinar, session))
        for session in webinar.ended_sessions()
    ]
    return paged(
        request, "sessionInfoResources", apply_odd_rows(goto, "sessions", rows, webinar.key)
    )


async def attendees(request: Request) -> Response:
    """Attendees of all ended sessions, one row a session and person."""
    room, goto = room_of(request), goto_of(request)
    rows = apply_odd_rows(goto, "attendees", room.attendees(goto.now()), room.webinar.key)
    return paged(request, "attendeeParticipationResponses", rows)


async def session_attendees(request: Request) -> Response:
    """A bare array for one session."""
    room, session = session_of(request)
    rows = room.attendee_rows(session, goto_of(request).now())
    return _listed(request, room, "attendees", rows)


async def attendee(request: Request) -> Response:
    """The registration of someone who attended."""
    room, _, attendance = attendance_of(request)
    person = room.person(attendance.registrant_key)
    if person is None:
        raise errors.not_found("Attendee does not exist")
    return answer(shapes.registrant_row(room.webinar, person))


async def attendee_polls(request: Request) -> Response:
    """One attendee's answers to polls."""
    room, _, attendance = attendance_of(request)
    given = statistics.replies(attendance.polls)
    return _listed(request, room, "polls", given, attendance.registrant_key)


async def attendee_surveys(request: Request) -> Response:
    """One attendee's answers to the survey."""
    room, _, attendance = attendance_of(request)
    given = statistics.replies(attendance.surveys)
    return _listed(request, room, "surveys", given, attendance.registrant_key)


async def attendee_questions(request: Request) -> Response:
    """One attendee's questions."""
    room, session, attendance = attendance_of(request)
    organizer = goto_of(request).account.owner(room.webinar)
    mine = [one for one in session.questions if one.registrant_key == attendance.registrant_key]
    return answer([shapes.question_row(organizer, asked) for asked in mine])


async def session_questions(request: Request) -> Response:
    """All questions of a session; while its report is held back, only those of reported
    attendees."""
    room, session = session_of(request)
    goto = goto_of(request)
    organizer = goto.account.owner(room.webinar)
    kept_back = _kept_back(room, session, goto.now())
    asked = [one for one in session.questions if one.registrant_key not in kept_back]
    rows = [shapes.question_row(organizer, one) for one in asked]
    return _listed(request, room, "questions", rows)


async def session_polls(request: Request) -> Response:
    """The polls of a session with the share of each choice."""
    room, session = session_of(request)
    reported = room.webinar.reported(session, goto_of(request).now())
    return _listed(request, room, "polls", statistics.polls(session, reported))


async def session_surveys(request: Request) -> Response:
    """The survey of a session with the share of each choice."""
    room, session = session_of(request)
    reported = room.webinar.reported(session, goto_of(request).now())
    return _listed(request, room, "surveys", statistics.surveys(session, reported))


def _listed(
    request: Request, room: Room, name: str, rows: list[Shape], person_key: int | None = None
) -> Response:
    """Return an array of rows, with the changes requested by control calls."""
    shown = with_odd_rows(goto_of(request), name, rows, room.webinar.key, person_key)
    return raw(array(shown))


def _kept_back(room: Room, session: Session, now: int) -> set[int]:
    """Return the attendees of a session whom its report does not contain yet."""
    listed = {attendance.registrant_key for attendance in room.webinar.reported(session, now)}
    return {attendance.registrant_key for attendance in session.attendances} - listed


async def session_performance(request: Request) -> Response:
    """Figures of one session."""
    room, session = session_of(request)
    return answer(statistics.performance(room.webinar, session))


async def performance(request: Request) -> Response:
    """Figures of every session by its key."""
    return answer(statistics.all_performance(room_of(request).webinar))
