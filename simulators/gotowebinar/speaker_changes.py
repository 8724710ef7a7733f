"""Control paths that add panelists and co-organizers to a webinar, and remove them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from . import errors
from .attendance_changes import attend, session_summary, unregistered
from .changes import find_room
from .forms import Answers
from .goto import GoTo, Room
from .records import APPROVED, Person, Registrant

Body = Mapping[str, Any]
DAY = 86_400


def panelist(goto: GoTo, body: Body) -> object:
    """``{webinar, email, name?, attends?, registers?}``: add a speaker; ``{…, remove: true}``
    removes them.

    With ``attends``, in minutes, they are among the attendees of the last session that ended. GoTo
    lists only those who had registered too: with ``registers: true`` they have, the day before;
    otherwise, unless they are on the list already, they are walk-ins.
    """
    room = find_room(goto, body)
    return _speaker(goto, room, room.webinar.panelists, body)


def coorganizer(goto: GoTo, body: Body) -> object:
    """``{webinar, email, name?, external?, attends?, registers?}``: like `panelist`; an external
    one has no account with GoToWebinar."""
    room = find_room(goto, body)
    return _speaker(goto, room, room.webinar.coorganizers, body)


def named(key: int, email: str, name: str, *, external: bool = False) -> Person:
    """Return a speaker from one name, which external co-organizers keep as one [contract]."""
    first, _, last = (name, "", "") if external else name.partition(" ")
    return Person(key, email, first, last, external=external)


def by_email(people: list[Person], email: str) -> Person | None:
    """Return the one with this address."""
    return next((one for one in people if one.email.casefold() == email.casefold()), None)


def _speaker(goto: GoTo, room: Room, people: list[Person], body: Body) -> object:
    email = str(body["email"])
    person = by_email(people, email)
    if body.get("remove"):
        if person is None:
            raise errors.not_found(f"{email} is not one of them")
        people.remove(person)
        goto.revision += 1
        return {"email": person.email, "key": str(person.key)}
    if person is None:
        external = bool(body.get("external", False))
        users = (
            user.key for user in goto.account.users if user.email.casefold() == email.casefold()
        )
        key = next(users, None) or goto.account.next_key()
        person = named(key, email, str(body.get("name", "Some Speaker")), external=external)
        people.append(person)
    goto.revision += 1
    return {"email": person.email, "key": str(person.key)} | _presence(goto, room, person, body)


def _presence(goto: GoTo, room: Room, speaker: Person, body: Body) -> dict[str, object]:
    """Add a speaker to the registrants and attendees, as requested in ``body``."""
    if not body.get("registers") and "attends" not in body:
        return {}
    person = _registered(goto, room, speaker, bool(body.get("registers")))
    shown: dict[str, object] = {"registrantKey": str(person.key)}
    if "attends" not in body:
        return shown
    session = room.last_session()
    attend(session, person, {"minutes": body["attends"]})
    room.changed()
    return shown | session_summary(session)


def _registered(goto: GoTo, room: Room, speaker: Person, registers: bool) -> Registrant:
    key = room.by_email.get(speaker.email.casefold())
    if key is not None:
        return room.by_key[key]
    first_name, last_name = speaker.first_name, speaker.last_name
    if not registers:
        return unregistered(goto, room, speaker.email, first_name, last_name)
    ended = room.webinar.ended_sessions()
    at = ended[-1].started_at - DAY if ended else goto.now()
    answers = Answers(speaker.email, first_name, last_name)
    return goto.admit(room, answers, APPROVED, at=at)


SPEAKER_CHANGES: dict[str, Callable[[GoTo, Body], object]] = {
    "panelist": panelist,
    "coorganizer": coorganizer,
}
