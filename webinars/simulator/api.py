"""The API's paths: a thin layer that reads a request, asks the account, and shapes the answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from . import errors, shapes, statistics
from .goto import Room
from .records import Session
from .schedule import cancel, changed, created, organizer_only
from .shapes import encode
from .web import (
    answer,
    array,
    goto_of,
    json_object,
    page_and_size,
    paged,
    raw,
    time_range,
)

Handler = Callable[[Request], Awaitable[Response]]
V2 = "/G2W/rest/v2"
ORGANIZER = V2 + "/organizers/{organizer_key:int}"
WEBINAR = ORGANIZER + "/webinars/{webinar_key:int}"
SESSION = WEBINAR + "/sessions/{session_key:int}"
ATTENDEE = SESSION + "/attendees/{registrant_key:int}"
BASIC_ONLY = "application/vnd.citrix.g2wapi-v1.1+json"


def _key(request: Request, name: str) -> int:
    value: int = request.path_params[name]
    return value


def _room(request: Request) -> Room:
    organizer_only(request)
    return goto_of(request).room(_key(request, "webinar_key"))


def _session(request: Request) -> tuple[Room, Session]:
    organizer_only(request)
    keys = _key(request, "webinar_key"), _key(request, "session_key")
    return goto_of(request).session(*keys)


async def webinars(request: Request) -> Response:
    """Webinars with a time inside the range, of the organizer or of the account."""
    organizer_only(request)
    goto = goto_of(request)
    wanted = time_range(request)
    assert wanted is not None
    first, last = wanted
    rows = [
        encode(shapes.webinar_row(goto.account, webinar))
        for webinar in goto.listed()
        if any(start <= last and end >= first for start, end in webinar.times)
    ]
    return paged(request, "webinars", rows)


async def create_webinar(request: Request) -> Response:
    """201 with the key; a series gives its recurrence key too."""
    organizer_only(request)
    return answer(created(goto_of(request), await json_object(request)), 201)


async def in_session_webinars(request: Request) -> Response:
    """An array of the webinars that are live."""
    organizer_only(request)
    goto = goto_of(request)
    time_range(request, required=False)
    live = [webinar for webinar in goto.listed() if webinar.is_live()]
    return answer([shapes.webinar_in_session(goto.account, webinar) for webinar in live])


async def webinar(request: Request) -> Response:
    """One webinar; a cancelled one is not found [contract]."""
    room = _room(request)
    return answer(shapes.webinar_by_key(goto_of(request).account, room.webinar))


async def change_webinar(request: Request) -> Response:
    """202 without content."""
    room = _room(request)
    changed(goto_of(request), room.webinar, await json_object(request))
    return Response(status_code=202)


async def cancel_webinar(request: Request) -> Response:
    """204; all webinars of a series unless deleteAll=false [contract]."""
    room = _room(request)
    whole = request.query_params.get("deleteAll", "true").lower() != "false"
    cancel(goto_of(request), room.webinar, whole_series=whole)
    return Response(status_code=204)


async def registrants(request: Request) -> Response:
    """A bare array, or an envelope as soon as page or limit is given [contract]."""
    room = _room(request)
    people = room.webinar.registrants
    if not {"page", "limit"} & request.query_params.keys():
        return raw(array(room.rows(0, len(people))))
    page, limit = page_and_size(request, "limit")
    rows = room.rows(page * limit, (page + 1) * limit)
    facts = encode({"total": len(people), "page": page, "limit": limit, "pageSize": len(rows)})
    return raw(b'{"data":' + array(rows) + b"," + facts[1:])


async def create_registrant(request: Request) -> Response:
    """201, or 400 RegistrationInvalid, 403 full, 409 DuplicateRegistrant."""
    room = _room(request)
    basic_only = BASIC_ONLY in request.headers.get("accept", "")
    body = await json_object(request)
    person = goto_of(request).register(room.webinar.key, body, basic_only)
    return answer(shapes.registrant_created(room.webinar, person), 201)


async def registrant(request: Request) -> Response:
    """One registrant with every field; a cancelled one is not found."""
    organizer_only(request)
    keys = _key(request, "webinar_key"), _key(request, "registrant_key")
    room, person = goto_of(request).registrant(*keys)
    return answer(shapes.registrant_detail(room.webinar, person))


async def cancel_registrant(request: Request) -> Response:
    """204; the webinar must not be over [contract]."""
    organizer_only(request)
    goto_of(request).cancel(_key(request, "webinar_key"), _key(request, "registrant_key"))
    return Response(status_code=204)


async def registrant_fields(request: Request) -> Response:
    """The registration form."""
    return answer(shapes.form(_room(request).webinar))


async def coorganizers(request: Request) -> Response:
    """An array; external ones come without a surname by the contract's text, yet its schema
    requires one, so theirs is empty."""
    room = _room(request)
    return answer(
        [
            {
                "joinLink": f"{shapes.BASE}/organize/{room.webinar.key}/{person.key}",
                "email": person.email,
                "memberKey": str(person.key),
                "external": person.external,
                "surname": "" if person.external else person.last_name,
                "givenName": person.first_name,
            }
            for person in room.webinar.coorganizers
        ]
    )


async def panelists(request: Request) -> Response:
    """An array."""
    room = _room(request)
    return answer(
        [
            {
                "joinLink": f"{shapes.BASE}/present/{room.webinar.key}/{person.key}",
                "email": person.email,
                "panelistId": person.key,
                "name": f"{person.first_name} {person.last_name}",
                "firstName": person.first_name,
                "lastName": person.last_name,
            }
            for person in room.webinar.panelists
        ]
    )


async def meeting_times(request: Request) -> Response:
    """An array of start and end times."""
    return answer([shapes.span(times) for times in _room(request).webinar.times])


async def organizer_sessions(request: Request) -> Response:
    """Ended sessions of all webinars inside the range, oldest first."""
    organizer_only(request)
    goto = goto_of(request)
    wanted = time_range(request)
    assert wanted is not None
    first, last = wanted
    found = [
        (session.started_at, encode(shapes.session_row(goto.account, webinar, session)))
        for webinar in goto.listed()
        for session in webinar.ended_sessions()
        if session.started_at <= last and (session.ended_at or 0) >= first
    ]
    return paged(request, "sessionInfoResources", [row for _, row in sorted(found)])


async def sessions(request: Request) -> Response:
    """Ended sessions of one webinar."""
    webinar, account = _room(request).webinar, goto_of(request).account
    rows = [
        encode(shapes.session_row(account, webinar, session))
        for session in webinar.ended_sessions()
    ]
    return paged(request, "sessionInfoResources", rows)


async def attendees(request: Request) -> Response:
    """Attendees of all ended sessions, one row a session and person."""
    return paged(request, "attendeeParticipationResponses", _room(request).attendees())


async def session_attendees(request: Request) -> Response:
    """A bare array for one session."""
    room, session = _session(request)
    return answer(
        [
            shapes.attendee_row(session, attendance, person)
            for attendance in session.attendances
            if (person := room.person(attendance.registrant_key)) is not None
        ]
    )


async def attendee(request: Request) -> Response:
    """The registration of someone who attended."""
    organizer_only(request)
    room, _, attendance = goto_of(request).attendance(**request_keys(request))
    person = room.person(attendance.registrant_key)
    if person is None:
        raise errors.not_found("Attendee does not exist")
    return answer(shapes.registrant_row(room.webinar, person))


def request_keys(request: Request) -> dict[str, int]:
    """The keys in the path that name one attendee."""
    return {name: _key(request, name) for name in ("webinar_key", "session_key", "registrant_key")}


async def attendee_polls(request: Request) -> Response:
    """One attendee's answers to polls."""
    organizer_only(request)
    *_, attendance = goto_of(request).attendance(**request_keys(request))
    return answer(statistics.replies(attendance.polls))


async def attendee_surveys(request: Request) -> Response:
    """One attendee's answers to the survey."""
    organizer_only(request)
    *_, attendance = goto_of(request).attendance(**request_keys(request))
    return answer(statistics.replies(attendance.surveys))


async def attendee_questions(request: Request) -> Response:
    """One attendee's questions."""
    organizer_only(request)
    goto = goto_of(request)
    _, session, attendance = goto.attendance(**request_keys(request))
    mine = [one for one in session.questions if one.registrant_key == attendance.registrant_key]
    return answer([shapes.question_row(goto.account, asked) for asked in mine])


async def session_questions(request: Request) -> Response:
    """All questions of a session."""
    _, session = _session(request)
    account = goto_of(request).account
    return answer([shapes.question_row(account, asked) for asked in session.questions])


async def session_polls(request: Request) -> Response:
    """The polls of a session with the share of each choice."""
    return answer(statistics.polls(_session(request)[1]))


async def session_surveys(request: Request) -> Response:
    """The survey of a session with the share of each choice."""
    return answer(statistics.surveys(_session(request)[1]))


async def session_performance(request: Request) -> Response:
    """Figures of one session."""
    room, session = _session(request)
    return answer(statistics.performance(room.webinar, session))


async def performance(request: Request) -> Response:
    """Figures of every session by its key."""
    return answer(statistics.all_performance(_room(request).webinar))


def routes() -> list[Route]:
    """Every API path; the longer ones stand before those they could be taken for."""
    table: list[tuple[str, str, Handler]] = [
        ("GET", WEBINAR + "/registrants", registrants),
        ("GET", WEBINAR + "/registrants/{registrant_key:int}", registrant),
        ("POST", WEBINAR + "/registrants", create_registrant),
        ("DELETE", WEBINAR + "/registrants/{registrant_key:int}", cancel_registrant),
        ("GET", WEBINAR + "/registrants/fields", registrant_fields),
        ("GET", WEBINAR + "/attendees", attendees),
        ("GET", WEBINAR + "/sessions", sessions),
        ("GET", WEBINAR, webinar),
        ("PUT", WEBINAR, change_webinar),
        ("DELETE", WEBINAR, cancel_webinar),
        ("GET", SESSION + "/questions", session_questions),
        ("GET", ATTENDEE + "/polls", attendee_polls),
        ("GET", ATTENDEE + "/surveys", attendee_surveys),
        ("GET", ATTENDEE + "/questions", attendee_questions),
        ("GET", ATTENDEE, attendee),
        ("GET", SESSION + "/attendees", session_attendees),
        ("GET", SESSION + "/polls", session_polls),
        ("GET", SESSION + "/surveys", session_surveys),
        ("GET", SESSION + "/performance", session_performance),
        ("GET", SESSION, session_attendees),
        ("GET", WEBINAR + "/coorganizers", coorganizers),
        ("GET", WEBINAR + "/panelists", panelists),
        ("GET", WEBINAR + "/meetingtimes", meeting_times),
        ("GET", WEBINAR + "/performance", performance),
        ("GET", ORGANIZER + "/webinars", webinars),
        ("POST", ORGANIZER + "/webinars", create_webinar),
        ("GET", ORGANIZER + "/insessionWebinars", in_session_webinars),
        ("GET", ORGANIZER + "/sessions", organizer_sessions),
        ("GET", V2 + "/accounts/{account_key:int}/webinars", webinars),
    ]
    return [Route(path, handler, methods=[method]) for method, path, handler in table]
