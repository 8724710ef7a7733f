"""Parse GoTo's webhook requests. Pure functions from bytes to records.

An event is only a hint: anyone who knows the URL can send one (docs/gotowebinar.md). Only a valid
signature proves that it is from GoTo.
"""

import base64
import datetime as dt
import hashlib
import hmac
from typing import Any

import msgspec

from platforms import records as r
from platforms.errors import Malformed
from platforms.gotowebinar import field_names
from platforms.gotowebinar.addresses import has_control_character
from platforms.gotowebinar.statuses import status_of
from platforms.gotowebinar.web_links import web_link

VERSION, PRODUCT = "1.0.0", "g2w"
# We use GoTo's names of events.
EVENTS = tuple(r.EventName)
# GoTo's own keys and names are shorter.
_LONGEST = 128


def read_event(body: bytes) -> r.Event:
    """Return the event in `body`. Raises Malformed."""
    try:
        fields = msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError, ValueError):
        raise Malformed("The body is no JSON object.") from None
    name, key = fields.get("eventName"), _text(fields, "eventKey")
    if name not in EVENTS:
        raise Malformed("The event has a name that is not known here.")
    if not key:
        raise Malformed("The event has no key.")
    webinar = _text(fields, "webinarKey")
    if not webinar:
        raise Malformed("The event names no webinar.")
    registrant = _text(fields, "registrantKey")
    if not registrant and name.startswith("registrant."):
        raise Malformed("The event names no registrant.")
    return r.Event(
        key=key,
        name=r.EventName(name),
        at=_time(fields.get("timestamp"), "timestamp"),
        webinar_key=webinar,
        registrant_key=registrant,
        session_key=_optional(fields, "sessionKey"),
        email=_email_or_none(fields),
        details=_details_or_none(fields) if name == "registrant.added" else None,
    )


def _text(fields: dict[str, Any], name: str, longest: int = _LONGEST) -> str:
    """Return a text or a number as text. Raises Malformed."""
    value = fields.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int) or "\0" in str(value):
        raise Malformed(f"{name} is no text.")
    text = str(value).strip()
    if len(text) > longest:
        raise Malformed(f"{name} is too long.")
    return text


def _optional(fields: dict[str, Any], name: str, longest: int = _LONGEST) -> str:
    """Return an optional text; "" if it is invalid (rule 10)."""
    try:
        return _text(fields, name, longest)
    except Malformed:
        return ""


def _email(fields: dict[str, Any]) -> str:
    """Return the optional address. Raises Malformed."""
    if has_control_character(str(fields.get("email"))):
        raise Malformed("email has a control character in it.")
    return _text(fields, "email", 254)


def _email_or_none(fields: dict[str, Any]) -> str:
    """Return the address; "" if it is invalid: the event remains a hint (rule 10)."""
    try:
        return _email(fields)
    except Malformed:
        return ""


def _time(value: object, name: str) -> dt.datetime:
    """Return a time given as ISO text or as milliseconds since 1970: both occur."""
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            return dt.datetime.fromtimestamp(value / 1000, dt.UTC)
        if isinstance(value, str):
            if value.isdecimal():
                return dt.datetime.fromtimestamp(int(value) / 1000, dt.UTC)
            moment = dt.datetime.fromisoformat(value)
            return moment.astimezone(dt.UTC) if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    except (ValueError, OverflowError, OSError):
        pass
    raise Malformed(f"{name} is no time.")


def _details_or_none(fields: dict[str, Any]) -> r.RegistrantDetails | None:
    """Return the whole record; None if it is incomplete: the event remains a hint."""
    try:
        return _details(fields)
    except Malformed:
        return None


def _details(fields: dict[str, Any]) -> r.RegistrantDetails:
    properties = {
        ours: _optional(fields, goto, 1000) or _optional(fields, goto.capitalize(), 1000)
        for ours, goto in field_names.PROPERTIES.items()
    }
    extras = {
        ours: _optional(fields, goto, 4000)
        or _optional(fields, field_names.OTHER_EXTRAS.get(ours, goto), 4000)
        for ours, goto in field_names.EXTRAS.items()
    }
    return r.RegistrantDetails(
        registrant=r.Registrant(
            key=_text(fields, "registrantKey"),
            first_name=_text(fields, "firstName", 255),
            last_name=_text(fields, "lastName", 255),
            email=_email(fields),
            registered_at=_time(fields.get("registrationDate"), "registrationDate"),
            status=status_of(_optional(fields, "status")),
            join_url=web_link(_optional(fields, "joinUrl", 1000)),
            time_zone=_optional(fields, "timeZone"),
        ),
        properties={name: value for name, value in properties.items() if value},
        extras={name: value for name, value in extras.items() if value},
        by_event=True,
        source=_optional(fields, "registrationSource", 255),
        answers=tuple(_answers(fields.get("responses"))),
    )


def _answers(responses: object) -> list[r.Answer]:
    found = []
    for item in responses if isinstance(responses, list) else []:
        if not isinstance(item, dict):
            continue
        answer_text = item.get("answerText")
        texts = answer_text if isinstance(answer_text, list) else [answer_text]
        answer = ", ".join(str(text) for text in texts if isinstance(text, str | int))
        found.append(r.Answer(_optional(item, "questionText", 1000), answer.replace("\0", "")))
    return found


def is_signed(body: bytes, signature: str, secret: str, scheme: str) -> bool:
    """Return whether `signature` is the HMAC-SHA256 of the raw `body` with `secret`.

    `scheme` is "hex", "base64", or "either": GoTo's documentation does not say which. Compared in
    constant time.
    """
    made = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    fitting = {"hex": [made.hex()], "base64": [base64.b64encode(made).decode()]}
    allowed = fitting.get(scheme) or [text for texts in fitting.values() for text in texts]
    sent_digest = signature.strip().removeprefix("sha256=").encode("utf-8", "replace")
    # All forms are compared, so that the time reveals nothing.
    fits = [hmac.compare_digest(sent_digest, text.encode()) for text in allowed]
    return any(fits)
