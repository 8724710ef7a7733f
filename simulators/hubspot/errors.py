"""Error responses as integrations have received them, or as HubSpot documents them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

Shape = dict[str, Any]
_SPACE = uuid.UUID("6f1f9d52-2c5b-4a55-9a75-0c22f1b0d9aa")


class Refusal(Exception):
    """An error response of the API: HTTP status, JSON body and headers."""

    def __init__(self, status: int, body: Shape, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(body)
        self.status = status
        self.body = body
        self.headers = dict(headers or {})


def correlation_id(*parts: object) -> str:
    """Return an id that is the same for the same error, so that answers can be compared."""
    return str(uuid.uuid5(_SPACE, json.dumps(parts, default=str)))


def error_body(category: str, message: str, **more: Any) -> Shape:
    """Return HubSpot's usual error."""
    return {
        "status": "error",
        "message": message,
        "correlationId": correlation_id(category, message),
        "category": category,
        **more,
    }


def invalid(message: str, **more: Any) -> Refusal:
    """Return a 400 of category VALIDATION_ERROR."""
    return Refusal(400, error_body("VALIDATION_ERROR", message, **more))


def not_found(message: str = "resource not found") -> Refusal:
    """Return a 404 of category OBJECT_NOT_FOUND."""
    return Refusal(404, error_body("OBJECT_NOT_FOUND", message))


def conflict(contact_id: int | str) -> Refusal:
    """Return the 409 of a known address; the contact's id is only in the text (seen)."""
    return Refusal(
        409, error_body("CONFLICT", f"Contact already exists. Existing ID: {contact_id}")
    )


def missing_credentials() -> Refusal:
    """Return the 401 of a call without a token, or with one that was revoked (seen)."""
    return Refusal(
        401, error_body("INVALID_AUTHENTICATION", "Authentication credentials not found.")
    )


def expired(expired_at: int, now: int, expire_time: str) -> Refusal:
    """Return the 401 of a token that has expired, or that is undecipherable: then the time is the
    first second of 1970 (seen)."""
    seconds = max(0, now - expired_at) // 1000
    units = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))
    unit, length = next((each for each in units if seconds >= 2 * each[1]), units[-1])
    message = f"The OAuth token used to make this call expired {seconds // length} {unit}(s) ago."
    return Refusal(
        401, error_body("EXPIRED_AUTHENTICATION", message, context={"expire time": [expire_time]})
    )


def missing_scopes(scopes: Sequence[str], *, short: bool = False, key: str) -> Refusal:
    """Return the 403 of a token without a scope, in either of its two forms (seen)."""
    if short:
        listed = ", ".join(scopes)
        message = f"This oauth-token requires all of [{listed}]"
        return Refusal(403, error_body("MISSING_SCOPES", message))
    message = (
        "This app hasn't been granted all required scopes to make this call. Read more about "
        "required scopes here: https://developers.hubspot.com/scopes."
    )
    return Refusal(
        403,
        error_body(
            "MISSING_SCOPES",
            message,
            errors=[
                {
                    "message": "One or more of the following scopes are required.",
                    "context": {key: list(scopes)},
                }
            ],
            links={"scopes": "https://developers.hubspot.com/scopes"},
        ),
    )


def over_limit(policy: str, retry_after: str = "") -> Refusal:
    """Return the 429 of ``DAILY``, ``TEN_SECONDLY_ROLLING`` or ``SECONDLY``."""
    message = f"You have reached your {policy.lower()} limit."
    body = {
        "status": "error",
        "message": message,
        "errorType": "RATE_LIMIT",
        "correlationId": correlation_id(policy),
        "policyName": policy,
        "requestId": correlation_id(policy, "request").replace("-", ""),
    }
    return Refusal(429, body, {"Retry-After": retry_after} if retry_after else None)


def bad_refresh_token() -> Refusal:
    """Return the 400 of the token path for an invalid refresh token (documented)."""
    text = "refresh token is invalid, expired or revoked"
    return Refusal(
        400,
        {
            "error": "invalid_grant",
            "error_description": text,
            "status": "BAD_REFRESH_TOKEN",
            "message": text,
        },
    )


def bad_path_parameter(name: str) -> Refusal:
    """Return the 400 of a path with a word instead of a number (seen)."""
    return invalid(f"Unable to parse value for path parameter: {name}")
