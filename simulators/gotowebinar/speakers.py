"""The API's paths about co-organizers and panelists: listing, inviting, removing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from . import errors, shapes
from .goto import GoTo, Room
from .lookup import key, room_of
from .odd_rows import with_odd_rows
from .records import Person
from .speaker_changes import by_email, named
from .web import answer, array, goto_of, json_body, raw


async def coorganizers(request: Request) -> Response:
    """An array, without the organizer of the webinar."""
    webinar = room_of(request).webinar
    rows = [shapes.coorganizer(webinar, person) for person in webinar.coorganizers]
    return raw(array(with_odd_rows(goto_of(request), "coorganizers", rows, webinar.key)))


async def create_coorganizers(request: Request) -> Response:
    """201 with those of the body: colleagues by their key, external ones by name and address.

    An existing one is returned unchanged; GoTo's behaviour there is not published.
    """
    room, goto = room_of(request), goto_of(request)
    given = [_new_coorganizer(goto, room, one) for one in await _objects(request)]
    made = [_added(goto, room.webinar.coorganizers, person) for person in given]
    return answer([shapes.coorganizer(room.webinar, person) for person in made], 201)


async def delete_coorganizer(request: Request) -> Response:
    """204; external ones are found only with external=true [contract]."""
    room = room_of(request)
    room.webinar.coorganizers.remove(_coorganizer(request, room))
    goto_of(request).revision += 1
    return Response(status_code=204)


async def invite_coorganizer_again(request: Request) -> Response:
    """204, and no email: the simulator sends none."""
    _coorganizer(request, room_of(request))
    return Response(status_code=204)


async def panelists(request: Request) -> Response:
    """An array."""
    webinar = room_of(request).webinar
    rows = [shapes.panelist(webinar, person) for person in webinar.panelists]
    return raw(array(with_odd_rows(goto_of(request), "panelists", rows, webinar.key)))


async def create_panelists(request: Request) -> Response:
    """201 with those of the body; an existing one is returned unchanged."""
    room, goto = room_of(request), goto_of(request)
    given = [
        named(goto.account.next_key(), _address(one), _text(one, "name"))
        for one in await _objects(request)
    ]
    made = [_added(goto, room.webinar.panelists, person) for person in given]
    return answer([shapes.created_panelist(room.webinar, person) for person in made], 201)


async def delete_panelist(request: Request) -> Response:
    """204."""
    people = room_of(request).webinar.panelists
    people.remove(_one_of(people, key(request, "person_key")))
    goto_of(request).revision += 1
    return Response(status_code=204)


async def invite_panelist_again(request: Request) -> Response:
    """204, and no email: the simulator sends none."""
    _one_of(room_of(request).webinar.panelists, key(request, "person_key"))
    return Response(status_code=204)


def _new_coorganizer(goto: GoTo, room: Room, one: Mapping[str, Any]) -> Person:
    """Raises Refusal: 400 for a malformed body, 404 for an unknown colleague's key."""
    external = one.get("external")
    if not isinstance(external, bool):
        raise errors.bad_request("external is required, true or false")
    if external:
        name = _text(one, "givenName")
        return named(goto.account.next_key(), _address(one), name, external=True)
    wanted, owner = _text(one, "organizerKey"), goto.account.owner(room.webinar)
    for user in goto.account.users:
        is_colleague = user.account_key == owner.account_key and user.has_webinar
        if str(user.key) == wanted and is_colleague and user.key != owner.key:
            return Person(user.key, user.email, user.first_name, user.last_name)
    raise errors.not_found(f"Organizer with specified key {wanted} does not exist")


def _added(goto: GoTo, people: list[Person], person: Person) -> Person:
    known = by_email(people, person.email)
    if known is not None:
        return known
    people.append(person)
    goto.revision += 1
    return person


def _coorganizer(request: Request, room: Room) -> Person:
    wanted = request.query_params.get("external", "false").lower() == "true"
    of_kind = [person for person in room.webinar.coorganizers if person.external == wanted]
    return _one_of(of_kind, key(request, "person_key"))


def _one_of(people: list[Person], wanted: int) -> Person:
    for person in people:
        if person.key == wanted:
            return person
    raise errors.not_found(f"{wanted} is not one of the webinar's")


async def _objects(request: Request) -> list[Mapping[str, Any]]:
    """Return the body's array of objects. Raises Refusal (400) for anything else."""
    body = await json_body(request)
    if not isinstance(body, list) or not all(isinstance(one, dict) for one in body):
        raise errors.bad_request("The body is no JSON array of objects")
    return body


def _text(one: Mapping[str, Any], name: str) -> str:
    value = one.get(name)
    if not isinstance(value, str) or not value.strip():
        raise errors.bad_request(f"{name} is required")
    return value.strip()


def _address(one: Mapping[str, Any]) -> str:
    email = _text(one, "email")
    if "@" not in email:
        raise errors.bad_request("email is no address")
    return email
