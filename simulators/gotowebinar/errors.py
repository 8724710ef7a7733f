"""Error responses as real integrations have received them; see the functions for each source."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """An error response of the API: HTTP status and JSON body."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(body)
        self.status = status
        self.body = body


def _described(status: int, code: str, description: str, **more: Any) -> Refusal:
    incident = str(8183740 + sum(map(ord, code + description)))
    body = {"errorCode": code, "description": description, "incident": incident, **more}
    return Refusal(status, body)


def not_found(description: str) -> Refusal:
    """404 in the API's form (seen)."""
    return _described(404, "NotFound", description)


def unknown_path(path: str) -> Refusal:
    """404 in the edge's form, for wrong paths (seen)."""
    return Refusal(404, {"errorCode": "NOT_FOUND", "message": f"No resource at {path}"})


def invalid_token() -> Refusal:
    """403 for an expired or invalid token: the contract has no 401, integrations refresh on 403."""
    return Refusal(403, {"int_err_code": "InvalidToken", "msg": "Invalid token passed"})


def not_authenticated() -> Refusal:
    """401 from one of the two paths that identify the user, for a valid token (seen)."""
    return Refusal(401, {"errorCode": "not.authenticated", "message": "Not authenticated"})


def forbidden(description: str) -> Refusal:
    """403 for another organizer's or account's objects; the body's form is a guess."""
    return _described(403, "Forbidden", description)


def bad_request(description: str) -> Refusal:
    """400 for a parameter that is missing or of the wrong form; the body's form is a guess."""
    return _described(400, "InvalidRequest", description)


def registration_invalid(description: str, invalid_fields: list[str]) -> Refusal:
    """400 for a registration that lacks what the organizer requires (seen)."""
    return _described(400, "RegistrationInvalid", description, invalidFields=invalid_fields)


def duplicate(email: str, registrant_key: int | None) -> Refusal:
    """409 for an address that is registered already; the key is not always there (seen)."""
    more = {} if registrant_key is None else {"registrantKey": str(registrant_key)}
    return _described(409, "DuplicateRegistrant", f"{email} is already registered", **more)


def full() -> Refusal:
    """A full webinar. GoTo's actual answer is not published: a 4xx that is not 409."""
    return _described(
        403, "RegistrationLimitReached", "The webinar has reached its limit of registrants"
    )


def too_many_calls() -> Refusal:
    """429 over the limit of calls a second; GoTo guarantees no Retry-After."""
    return Refusal(429, {"errorCode": "TooManyRequests", "message": "Rate limit exceeded"})
