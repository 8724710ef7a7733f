"""Resolve a path: the organizer, the webinar, the session, or the refusal to show it."""

from __future__ import annotations

from starlette.requests import Request

from . import errors
from .goto import Room
from .records import Attendance, Session, User
from .web import goto_of


def key(request: Request, name: str) -> int:
    """Return a key of the path."""
    value: int = request.path_params[name]
    return value


def user_of(request: Request) -> User:
    """Return whose token the call has; the gate accepts no call without one."""
    return goto_of(request).account.user(request.state.user_key)


def organizer_only(request: Request) -> User:
    """Return the user of the call. Raises Refusal: 403 if the path names another organizer or
    account than the token's, 404 if it names another organizer's webinar."""
    user, named = user_of(request), request.path_params
    if named.get("organizer_key", user.key) != user.key:
        raise errors.forbidden("User is not allowed to act for this organizer")
    if named.get("account_key", user.account_key) != user.account_key:
        raise errors.forbidden("User is not allowed to see this account")
    if "webinar_key" in named:
        goto_of(request).room(named["webinar_key"], deleted_too=True, organizer_key=user.key)
    return user


def room_of(request: Request) -> Room:
    """Return the webinar of the path. Raises Refusal (403, 404)."""
    organizer_only(request)
    return goto_of(request).room(key(request, "webinar_key"))


def session_of(request: Request) -> tuple[Room, Session]:
    """Return the ended session of the path. Raises Refusal (403, 404)."""
    organizer_only(request)
    return goto_of(request).session(key(request, "webinar_key"), key(request, "session_key"))


def attendance_of(request: Request) -> tuple[Room, Session, Attendance]:
    """Return the attendee of a session of the path. Raises Refusal (403, 404)."""
    organizer_only(request)
    return goto_of(request).attendance(
        key(request, "webinar_key"), key(request, "session_key"), key(request, "registrant_key")
    )
