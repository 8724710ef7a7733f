"""The API's paths: a thin layer that reads a request, calls the account and formats the answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from . import reports, shapes, speakers
from .lookup import key, organizer_only, room_of
from .odd_rows import apply_odd_rows, odd_detail, with_odd_rows
from .schedule import cancel, changed, created
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
COORGANIZER = WEBINAR + "/coorganizers/{person_key:int}"
PANELIST = WEBINAR + "/panelists/{person_key:int}"
BASIC_ONLY = "application/vnd.citrix.g2wapi-v1.1+json"


async def webinars(request: Request) -> Response:
    """Webinars with a time inside the range, of the organizer or of all in the account."""
    user, goto = organizer_only(request), goto_of(request)
    wanted = time_range(request)
    assert wanted is not None
    first, last = wanted
    rows = [
        encode(shapes.webinar_row(goto.account, webinar))
        for webinar in goto.listed(user if "organizer_key" in request.path_params else None)
        if goto.account.owner(webinar).account_key == user.account_key
        and any(start <= last and end >= first for start, end in webinar.times)
    ]
    return paged(request, "webinars", apply_odd_rows(goto, "webinars", rows))


async def create_webinar(request: Request) -> Response:
    """201 with the key, and for a series the recurrence key."""
    user = organizer_only(request)
    return answer(created(goto_of(request), user, await json_object(request)), 201)


async def in_session_webinars(request: Request) -> Response:
    """An array of the webinars that are live."""
    user, goto = organizer_only(request), goto_of(request)
    time_range(request, required=False)
    live = [webinar for webinar in goto.listed(user) if webinar.is_live()]
    return answer([shapes.webinar_in_session(goto.account, webinar) for webinar in live])


async def webinar(request: Request) -> Response:
    """One webinar; a cancelled one is not found [contract]."""
    room = room_of(request)
    return answer(shapes.webinar_by_key(goto_of(request).account, room.webinar))


async def change_webinar(request: Request) -> Response:
    """202 without content."""
    room = room_of(request)
    changed(goto_of(request), room.webinar, await json_object(request))
    return Response(status_code=202)


async def cancel_webinar(request: Request) -> Response:
    """204; all webinars of a series unless deleteAll=false [contract]."""
    room = room_of(request)
    whole = request.query_params.get("deleteAll", "true").lower() != "false"
    cancel(goto_of(request), room.webinar, whole_series=whole)
    return Response(status_code=204)


async def registrants(request: Request) -> Response:
    """A bare array, or an envelope if page or limit is passed [contract]."""
    room, goto = room_of(request), goto_of(request)
    people, webinar_key = room.webinar.registrants, room.webinar.key
    if not {"page", "limit"} & request.query_params.keys():
        return raw(
            array(apply_odd_rows(goto, "registrants", room.rows(0, len(people)), webinar_key))
        )
    page, limit = page_and_size(request, "limit")
    part = slice(page * limit, (page + 1) * limit)
    rows = room.rows(part.start, part.stop)
    rows = apply_odd_rows(
        goto, "registrants", rows, webinar_key, start=part.start, total=len(people)
    )
    facts = encode({"total": len(people), "page": page, "limit": limit, "pageSize": len(rows)})
    return raw(b'{"data":' + array(rows) + b"," + facts[1:])


async def create_registrant(request: Request) -> Response:
    """201, or 400 RegistrationInvalid, 403 full, 409 DuplicateRegistrant."""
    room = room_of(request)
    basic_only = BASIC_ONLY in request.headers.get("accept", "")
    body = await json_object(request)
    person = goto_of(request).register(room.webinar.key, body, basic_only)
    return answer(shapes.registrant_created(room.webinar, person), 201)


async def registrant(request: Request) -> Response:
    """One registrant with every field; a cancelled one is not found."""
    organizer_only(request)
    keys = key(request, "webinar_key"), key(request, "registrant_key")
    goto = goto_of(request)
    room, person = goto.registrant(*keys)
    detail = encode(shapes.registrant_detail(room.webinar, person))
    return raw(odd_detail(goto, room, person, detail))


async def cancel_registrant(request: Request) -> Response:
    """204; the webinar must not be over [contract]."""
    organizer_only(request)
    goto_of(request).cancel(key(request, "webinar_key"), key(request, "registrant_key"))
    return Response(status_code=204)


async def registrant_fields(request: Request) -> Response:
    """The registration form."""
    webinar = room_of(request).webinar
    form = shapes.form(webinar)
    rows = [*form["fields"], *form["questions"]]
    shown = with_odd_rows(goto_of(request), "fields", rows, webinar.key)
    count = len(form["fields"])
    return raw(
        b'{"questions":' + array(shown[count:]) + b',"fields":' + array(shown[:count]) + b"}"
    )


async def meeting_times(request: Request) -> Response:
    """An array of start and end times."""
    return answer([shapes.span(times) for times in room_of(request).webinar.times])


def routes() -> list[Route]:
    """Every API path, longer ones before those that would also match."""
    table: list[tuple[str, str, Handler]] = [
        ("GET", WEBINAR + "/registrants", registrants),
        ("GET", WEBINAR + "/registrants/{registrant_key:int}", registrant),
        ("POST", WEBINAR + "/registrants", create_registrant),
        ("DELETE", WEBINAR + "/registrants/{registrant_key:int}", cancel_registrant),
        ("GET", WEBINAR + "/registrants/fields", registrant_fields),
        ("GET", WEBINAR + "/attendees", reports.attendees),
        ("GET", WEBINAR + "/sessions", reports.sessions),
        ("GET", WEBINAR, webinar),
        ("PUT", WEBINAR, change_webinar),
        ("DELETE", WEBINAR, cancel_webinar),
        ("GET", SESSION + "/questions", reports.session_questions),
        ("GET", ATTENDEE + "/polls", reports.attendee_polls),
        ("GET", ATTENDEE + "/surveys", reports.attendee_surveys),
        ("GET", ATTENDEE + "/questions", reports.attendee_questions),
        ("GET", ATTENDEE, reports.attendee),
        ("GET", SESSION + "/attendees", reports.session_attendees),
        ("GET", SESSION + "/polls", reports.session_polls),
        ("GET", SESSION + "/surveys", reports.session_surveys),
        ("GET", SESSION + "/performance", reports.session_performance),
        ("GET", SESSION, reports.session_attendees),
        ("GET", WEBINAR + "/coorganizers", speakers.coorganizers),
        ("POST", WEBINAR + "/coorganizers", speakers.create_coorganizers),
        ("DELETE", COORGANIZER, speakers.delete_coorganizer),
        ("POST", COORGANIZER + "/resendInvitation", speakers.invite_coorganizer_again),
        ("GET", WEBINAR + "/panelists", speakers.panelists),
        ("POST", WEBINAR + "/panelists", speakers.create_panelists),
        ("DELETE", PANELIST, speakers.delete_panelist),
        ("POST", PANELIST + "/resendInvitation", speakers.invite_panelist_again),
        ("GET", WEBINAR + "/meetingtimes", meeting_times),
        ("GET", WEBINAR + "/performance", reports.performance),
        ("GET", ORGANIZER + "/webinars", webinars),
        ("POST", ORGANIZER + "/webinars", create_webinar),
        ("GET", ORGANIZER + "/insessionWebinars", in_session_webinars),
        ("GET", ORGANIZER + "/sessions", reports.organizer_sessions),
        ("GET", V2 + "/accounts/{account_key:int}/webinars", webinars),
    ]
    return [Route(path, handler, methods=[method]) for method, path, handler in table]
