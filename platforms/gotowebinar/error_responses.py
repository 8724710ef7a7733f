"""Convert error responses to errors of `platforms.errors`."""

import datetime as dt
import email.utils
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from platforms.errors import (
    AlreadyRegistered,
    InvalidRequest,
    NotAllowed,
    NotFound,
    PlatformError,
    RateLimited,
    ServerError,
)
from platforms.gotowebinar import schemas
from platforms.gotowebinar.answer import Answer
from platforms.gotowebinar.field_names import our_name

# How many characters of an error response without JSON are kept.
SHOWN = 500
_NAME = re.compile(r"[\w.-]{1,64}")
_COMPLAINT = msgspec.json.Decoder(schemas.Complaint)


def error_of(answer: Answer) -> PlatformError:
    """Return the error for a response with a status of 300 or more."""
    status = answer.status
    complaint = _complaint(answer.body)
    words = (
        complaint.description
        or complaint.msg
        or complaint.message
        or complaint.error_description
        or ""
    )
    code = _name(complaint.errorCode or complaint.int_err_code or complaint.error or "")
    incident = _name(_key(complaint.incident))
    if not words and not code:
        words = _text(answer.body)
    known: dict[str, Any] = {"status": status, "code": code, "incident": incident}
    if status in (401, 403):
        return NotAllowed(words, **known)
    if status == 404:
        return NotFound(words, **known)
    if status == 409:
        return AlreadyRegistered(
            words, registrant_key=_key(complaint.registrantKey) or None, **known
        )
    if status == 429:
        return RateLimited(words, retry_after=_retry_after(answer.headers), **known)
    if 400 <= status < 500:
        return InvalidRequest(words, fields=_fields(complaint.invalidFields), **known)
    broken = ServerError(words, **known)
    broken.retry_after = _retry_after(answer.headers)
    return broken


def _complaint(body: bytes) -> schemas.Complaint:
    try:
        complaint: schemas.Complaint = _COMPLAINT.decode(body)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return schemas.Complaint()
    return complaint


def _fields(invalid: list[object] | None) -> tuple[str, ...]:
    """Return our names of `invalidFields`, which are texts or objects that name a field."""
    names = []
    for item in invalid or ():
        if isinstance(item, dict):
            item = item.get("field") or item.get("name") or item.get("fieldName") or ""
        if item:
            names.append(our_name(str(item)))
    return tuple(names)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of a Retry-After header, given as seconds or as a date."""
    value = headers.get("retry-after", "").strip()
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        at = email.utils.parsedate_to_datetime(value)
        sent = email.utils.parsedate_to_datetime(headers["date"])
        # HTTP dates are GMT; Python returns the zone "-0000" as none.
        wait = at.replace(tzinfo=at.tzinfo or dt.UTC) - sent.replace(tzinfo=sent.tzinfo or dt.UTC)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return max(0.0, wait.total_seconds())


def _name(text: str) -> str:
    """Return a code or number of GoTo's; "" for other values."""
    return text if _NAME.fullmatch(text) else ""


def _key(value: int | str | None) -> str:
    return "" if value is None else str(value)


def _text(body: bytes) -> str:
    return body[: SHOWN * 4].decode("utf-8", "replace").strip()[:SHOWN]
