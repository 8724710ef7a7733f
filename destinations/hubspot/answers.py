"""Convert HubSpot's responses to records or errors. Invalid rows are left out."""

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from destinations.hubspot.errors import (
    HubSpotError,
    Locked,
    Migrating,
    MissingScope,
    NotFound,
    RateLimited,
    Refusal,
    RequestRefused,
    ServerError,
    TokenRefused,
)
from destinations.hubspot.records import (
    Account,
    AssociationsPage,
    ContactRecord,
    Counts,
    ParticipationPage,
    ParticipationRecord,
    PropertyDefinition,
    PropertyOption,
)
from destinations.hubspot.transport import Answer

Shape = Mapping[str, Any]
_EXISTING = re.compile(r"Existing ID:\s*(\d+)")
_SHORT_SCOPES = re.compile(r"requires (?:all|any|one) of \[([^\]]*)\]")
_SCOPE = re.compile(r"[\w.-]{2,100}")
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,64}")
# How long a delayed call waits if HubSpot does not say.
_TEN_SECONDS, _LOCK_SECONDS, _MIGRATION_SECONDS = 10.0, 2.0, 3600.0
# A longer Retry-After of 429 is in milliseconds, or useless: the policy has enough information.
_LONGEST_RETRY_AFTER = 60.0
_DAY_SECONDS = 86_400.0
_MAX_WORDS = 2000


def decoded(answer: Answer) -> dict[str, Any]:
    """Return the JSON object of a response. Raises HubSpot's error, or ServerError."""
    if not 200 <= answer.status < 300:
        raise error_of(answer)
    if not answer.body.strip():
        return {}
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise ServerError("UNREADABLE", status=answer.status)
    return body


# -- errors ----------------------------------------------------------------------------------------


def error_of(answer: Answer) -> HubSpotError:
    """Return the error for a response other than 2xx."""
    body = _error_body(answer)
    status = answer.status
    code = code_of(body.get("category") or body.get("error") or body.get("errorType"))
    words = _text(body.get("message"))[:_MAX_WORDS]
    found: dict[str, Any] = {"status": status, "correlation_id": _text(body.get("correlationId"))}
    if status == 401:
        return TokenRefused(code or "UNAUTHORIZED", words, kind=_token_kind(body, code), **found)
    if status == 403:
        return MissingScope(code or "FORBIDDEN", words, scopes=_scopes(body), **found)
    if status == 429:
        policy = code_of(body.get("policyName")) or "TEN_SECONDLY_ROLLING"
        return RateLimited(policy, words, retry_after=_rate_limit_wait(answer, policy), **found)
    if status == 423:
        wait = max(_retry_after(answer) or 0.0, _LOCK_SECONDS)
        return Locked(code or "LOCKED", words, retry_after=min(wait, _LONGEST_RETRY_AFTER), **found)
    if status == 477:
        wait = min(_retry_after(answer) or _MIGRATION_SECONDS, _DAY_SECONDS)
        return Migrating(code or "MIGRATING", words, retry_after=wait, **found)
    if status == 404:
        return NotFound(code or "NOT_FOUND", words, refusals=refusals_of(body), **found)
    if 400 <= status < 500:
        return RequestRefused(code or f"HTTP_{status}", words, refusals=refusals_of(body), **found)
    return ServerError(code or f"HTTP_{status}", words, **found)


def _error_body(answer: Answer) -> Shape:
    try:
        body = json.loads(answer.body or b"{}")
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def code_of(value: object) -> str:
    """Return an error code of HubSpot's; "" for anything else."""
    return value if isinstance(value, str) and _CODE.fullmatch(value) else ""


def _token_kind(body: Shape, code: str) -> str:
    if code != "EXPIRED_AUTHENTICATION":
        return TokenRefused.MISSING
    times = _mapping(body.get("context")).get("expire time")
    # A token that HubSpot cannot read at all "expired" in 1970.
    if any(_text(time).startswith("1970-") for time in _list(times)):
        return TokenRefused.NOT_RECOGNISED
    return TokenRefused.EXPIRED


def _scopes(body: Shape) -> tuple[str, ...]:
    """Return the scopes that an error names: in any list of a context, or in its message."""
    contexts = [_mapping(body.get("context"))]
    contexts += [_mapping(_mapping(each).get("context")) for each in _list(body.get("errors"))]
    named = [scope for context in contexts for value in context.values() for scope in _list(value)]
    if not named and (match := _SHORT_SCOPES.search(_text(body.get("message")))):
        named = [part.strip() for part in match[1].split(",")]
    scopes = [scope for scope in named if isinstance(scope, str) and _SCOPE.fullmatch(scope)]
    return tuple(dict.fromkeys(scopes))


def _rate_limit_wait(answer: Answer, policy: str) -> float:
    retry_after = _retry_after(answer)
    if retry_after is not None and retry_after <= _LONGEST_RETRY_AFTER:
        return retry_after
    # For DAILY the budget knows when the portal's day ends.
    return {"SECONDLY": 1.0, "DAILY": _DAY_SECONDS}.get(policy, _TEN_SECONDS)


def _retry_after(answer: Answer) -> float | None:
    text = answer.headers.get("retry-after", "").strip()
    return float(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def refusals_of(body: Shape) -> tuple[Refusal, ...]:
    """Return the problems of an error by property, or its message as a whole."""
    words = _text(body.get("message"))[:_MAX_WORDS]
    found = [
        Refusal(code_of(each.get("error")) or "INVALID", _text(each.get("message")), name)
        for each in _json_in(words)
        if (name := _text(each.get("name")))
    ]
    for each in map(_mapping, _list(body.get("errors"))):
        code = code_of(each.get("code"))
        names = _list(_mapping(each.get("context")).get("propertyName")) or [""]
        if code:
            found += [Refusal(code, _text(each.get("message")), _text(name)) for name in names]
    if found:
        return tuple(dict.fromkeys(found))
    code = code_of(body.get("category") or body.get("error")) or "REFUSED"
    return (Refusal(code, words),)


def _json_in(words: str) -> Iterator[Shape]:
    """Return the rows of JSON inside the message of an error."""
    start = words.find("[{")
    if start < 0:
        return
    try:
        rows, _end = json.JSONDecoder().raw_decode(words[start:])
    except (ValueError, RecursionError):
        return
    yield from (row for row in rows if isinstance(row, dict))


def existing_id(words: str) -> str:
    """Return the id of the existing contact, which only the message has; "" if it has none."""
    match = _EXISTING.search(words)
    return match[1] if match else ""


# -- records ---------------------------------------------------------------------------------------


def account(body: Shape) -> Account:
    """Return the account of a token."""
    return Account(
        portal_id=_text(body.get("portalId")),
        ui_domain=_text(body.get("uiDomain")),
        time_zone=_text(body.get("timeZone")),
        account_type=_text(body.get("accountType")),
    )


def definitions(body: Shape) -> list[PropertyDefinition]:
    """Return the definitions of properties."""
    return [
        PropertyDefinition(
            name=name,
            label=_text(row.get("label")) or name,
            type=_text(row.get("type")),
            field_type=_text(row.get("fieldType")),
            options=tuple(
                PropertyOption(_text(option.get("label")), _text(option.get("value")))
                for option in map(_mapping, _list(row.get("options")))
            ),
            read_only=_mapping(row.get("modificationMetadata")).get("readOnlyValue") is True,
        )
        for row in rows_of(body)
        if (name := _text(row.get("name"))) and row.get("archived") is not True
    ]


def contacts(body: Shape) -> list[ContactRecord]:
    """Return the contacts of a page or batch."""
    return [contact(row) for row in rows_of(body) if _text(row.get("id"))]


def contact(row: Shape) -> ContactRecord:
    """Return a contact."""
    properties = {
        name: None if value is None else _text(value)
        for name, value in _mapping(row.get("properties")).items()
    }
    more = (properties.get("hs_additional_emails") or "").split(";")
    return ContactRecord(
        id=_text(row.get("id")),
        properties=properties,
        email=(properties.get("email") or "").strip(),
        additional_emails=tuple(part.strip() for part in more if part.strip()),
        archived=row.get("archived") is True,
    )


def counts(body: Shape) -> Counts:
    """Return the number of contacts in each state. Raises ServerError if they are missing."""
    found = [number(body.get(name)) for name in ("registered", "attended", "cancelled")]
    registered, attended, cancelled = found
    if registered is None or attended is None or cancelled is None:
        raise ServerError("UNREADABLE", status=200)
    # No-shows are missing before an event is over.
    return Counts(registered, attended, cancelled, number(body.get("noShows")) or 0)


def participations(body: Shape) -> ParticipationPage:
    """Return a page of participations."""
    rows = [row for each in rows_of(body) if (row := _participation(each)) is not None]
    return ParticipationPage(rows, next_page(body))


def _participation(row: Shape) -> ParticipationRecord | None:
    properties = _mapping(row.get("properties"))
    person = _mapping(_mapping(row.get("associations")).get("contact"))
    contact_id, state = _text(person.get("contactId")), _text(properties.get("attendanceState"))
    if not contact_id or not state:
        return None
    return ParticipationRecord(
        id=_text(row.get("id")),
        contact_id=contact_id,
        email=_text(person.get("email")),
        state=state,
        occurred_at=_time(number(properties.get("occurredAt"))),
        seconds=number(properties.get("attendanceDurationSeconds")),
    )


def _time(milliseconds: int | None) -> dt.datetime | None:
    if milliseconds is None:
        return None
    try:
        return dt.datetime.fromtimestamp(milliseconds / 1000, dt.UTC)
    except (ValueError, OverflowError, OSError):
        return None


def associations(row: Shape) -> AssociationsPage:
    """Return a page of the objects associated with an object."""
    ids = [_text(_mapping(each).get("toObjectId")) for each in _list(row.get("to"))]
    source = _text(_mapping(row.get("from")).get("id"))
    return AssociationsPage(source, tuple(each for each in ids if each), next_page(row))


def unsubscribed(body: Shape) -> set[str]:
    """Return the addresses that opted out of all email of the portal."""
    found = set()
    for row in rows_of(body):
        statuses = map(_mapping, _list(row.get("wideStatuses")))
        if any(_is_unsubscribed(status) for status in statuses):
            found.add(_text(row.get("subscriberIdString")))
    return found - {""}


def _is_unsubscribed(status: Shape) -> bool:
    return status.get("status") == "UNSUBSCRIBED" and status.get("wideStatusType") == "PORTAL_WIDE"


# -- parts -----------------------------------------------------------------------------------------


def rows_of(body: Shape) -> list[Shape]:
    """Return the results of a page or batch. Raises ServerError if they are missing."""
    rows = body.get("results")
    if not isinstance(rows, list):
        raise ServerError("UNREADABLE", status=200)
    return [row for row in rows if isinstance(row, dict)]


def next_page(body: Shape) -> str:
    """Return the cursor of the next page; "" for the last one."""
    return _text(_mapping(_mapping(body.get("paging")).get("next")).get("after"))


def mappings(value: object) -> list[Shape]:
    """Return the objects of a list; empty for anything else."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def moment(value: object) -> dt.datetime | None:
    """Return a time in milliseconds; None if it is invalid."""
    return _time(number(value))


def errors_in(body: Shape) -> list[Shape]:
    """Return the errors beside the results of a response, whatever its status."""
    return [row for row in _list(body.get("errors")) if isinstance(row, dict)]


def context_values(error: Shape, *names: str) -> list[str]:
    """Return the values under `names` in the context of an error."""
    context = _mapping(error.get("context"))
    return [_text(value) for name in names for value in _list(context.get(name))]


def vids(body: Shape) -> set[str]:
    """Return the contacts whose participation was accepted."""
    return {vid for row in _list(body.get("results")) if (vid := _text(_mapping(row).get("vid")))}


def object_id(body: Shape) -> str:
    """Return the object id of a marketing event. Raises ServerError if it is missing."""
    found = _text(body.get("objectId")) or _text(body.get("id"))
    if not found:
        raise ServerError("UNREADABLE", status=200)
    return found


def text(value: object) -> str:
    """Return a string or number as text; "" for anything else."""
    return _text(value)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value.replace("\0", "")
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def number(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and re.fullmatch(r"\d{1,18}", value):
        return int(value)
    return None


def _mapping(value: object) -> Shape:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    """Return a list unchanged, and a single string as a list."""
    if isinstance(value, list):
        return value
    return [value] if isinstance(value, str) else []
