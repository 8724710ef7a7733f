"""The portal itself, its use of the API, people's opt-outs, and tokens."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from . import errors
from .calls import MOST_INPUTS, Answer, Call
from .clock import iso
from .errors import Shape


def details(call: Call) -> Answer:
    """GET the portal of the token."""
    portal = call.portal
    moment = datetime.fromtimestamp(call.now() / 1000, UTC).astimezone(ZoneInfo(portal.time_zone))
    offset = moment.utcoffset()
    assert offset is not None
    seconds = int(offset.total_seconds())
    sign = "-" if seconds < 0 else "+"
    host = "app" if portal.region == "na1" else f"app-{portal.region}"
    return Answer(
        200,
        {
            "portalId": portal.id,
            "accountType": "STANDARD",
            "timeZone": portal.time_zone,
            "companyCurrency": "EUR" if portal.region == "eu1" else "USD",
            "additionalCurrencies": [],
            "utcOffset": f"{sign}{abs(seconds) // 3600:02d}:{abs(seconds) // 60 % 60:02d}",
            "utcOffsetMilliseconds": seconds * 1000,
            "uiDomain": f"{host}.hubspot.com",
            "dataHostingLocation": portal.region,
        },
    )


def unsubscribed(call: Call) -> Answer:
    """GET whether an address opted out of everything: no result if not (documented)."""
    return call.batch(_wide_statuses(call, call.path["email"]))


def batch_unsubscribed(call: Call) -> Answer:
    """POST addresses: which of them opted out of everything."""
    if call.query.get("channel") != "EMAIL":
        raise errors.invalid("query parameter channel is required")
    emails = call.json().get("inputs")
    if not isinstance(emails, list) or not all(isinstance(each, str) for each in emails):
        raise errors.invalid("Some required fields were not set: [inputs]")
    if len(emails) > MOST_INPUTS:
        raise errors.invalid(f"The maximum batch size is {MOST_INPUTS} inputs")
    rows = {email: _wide_statuses(call, email) for email in emails}
    return call.batch(
        [
            {"subscriberIdString": email, "wideStatuses": statuses}
            for email, statuses in rows.items()
            if statuses
        ]
    )


def _wide_statuses(call: Call, email: str) -> list[Shape]:
    at = call.portal.opted_out_at(email)
    if at is None:
        return []
    contact = call.portal.contact_by_email(email)
    return [
        {
            "subscriberIdString": contact.email if contact is not None else email,
            "channel": "EMAIL",
            "status": "UNSUBSCRIBED",
            "wideStatusType": "PORTAL_WIDE",
            "timestamp": iso(at),
        }
    ]


def token(call: Call) -> Answer:
    """POST a grant as a form: an access token and a refresh token."""
    return Answer(200, call.tokens.grant(call.form, call.portal.id))


def introspect(call: Call) -> Answer:
    """POST a token as a form: its details."""
    return Answer(200, call.tokens.introspect(call.form, call.portal.id))


def developers_only(call: Call) -> Answer:
    """Refuse calls that need an app of a developer account (documented): no key of a portal has
    one."""
    raise errors.missing_scopes(["developers-read"], key=call.tokens.scopes_key)


def no_timeline_events(call: Call) -> Answer:
    """Refuse custom timeline events, which keys and private apps do not support (documented)."""
    raise errors.missing_scopes(["timeline"], key=call.tokens.scopes_key)
