"""The API's paths about what has happened: sessions, attendees, questions, polls, figures."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from . import errors, shapes, statistics
from .lookup import attendance_of, organizer_only, room_of, session_of
from .shapes import encode
from .web import answer, goto_of, paged, time_range


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
    return paged(request, "sessionInfoResources", [row for _, row in sorted(found)])


async def sessions(request: Request) -> Response:
    """Ended sessions of one webinar."""
    webinar, account = room_of(request).webinar, goto_of(request).account
    rows = [
        encode(shapes.session_row(account, webinar, session))
        for session in webinar.ended_sessions()
    ]
    return paged(request, "sessionInfoResources", rows)


async def attendees(request: Request) -> Response:
    """Attendees of all ended sessions, one row a session and person."""
    return paged(request, "attendeeParticipationResponses", room_of(request).attendees())


async def session_attendees(request: Request) -> Response:
    """A bare array for one session."""
    room, session = session_of(request)
    return answer(
        [
            shapes.attendee_row(session, attendance, person)
            for attendance in session.attendances
            if (person := room.person(attendance.registrant_key)) is not None
        ]
    )


async def attendee(request: Request) -> Response:
    """The registration of someone who attended."""
    room, _, attendance = attendance_of(request)
    person = room.person(attendance.registrant_key)
    if person is None:
        raise errors.not_found("Attendee does not exist")
    return answer(shapes.registrant_row(room.webinar, person))


async def attendee_polls(request: Request) -> Response:
    """One attendee's answers to polls."""
    *_, attendance = attendance_of(request)
    return answer(statistics.replies(attendance.polls))


async def attendee_surveys(request: Request) -> Response:
    """One attendee's answers to the survey."""
    *_, attendance = attendance_of(request)
    return answer(statistics.replies(attendance.surveys))


async def attendee_questions(request: Request) -> Response:
    """One attendee's questions."""
    room, session, attendance = attendance_of(request)
    organizer = goto_of(request).account.owner(room.webinar)
    mine = [one for one in session.questions if one.registrant_key == attendance.registrant_key]
    return answer([shapes.question_row(organizer, asked) for asked in mine])


async def session_questions(request: Request) -> Response:
    """All questions of a session."""
    room, session = session_of(request)
    organizer = goto_of(request).account.owner(room.webinar)
    return answer([shapes.question_row(organizer, asked) for asked in session.questions])


async def session_polls(request: Request) -> Response:
    """The polls of a session with the share of each choice."""
    return answer(statistics.polls(session_of(request)[1]))


async def session_surveys(request: Request) -> Response:
    """The survey of a session with the share of each choice."""
    return answer(statistics.surveys(session_of(request)[1]))


async def session_performance(request: Request) -> Response:
    """Figures of one session."""
    room, session = session_of(request)
    return answer(statistics.performance(room.webinar, session))


async def performance(request: Request) -> Response:
    """Figures of every session by its key."""
    return answer(statistics.all_performance(room_of(request).webinar))
