"""The portal itself, its use of the API, people's opt-outs, and tokens."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from . import errors
from .calls import Answer, Call
from .clock import iso
from .errors import Shape


def details(call: Call) -> Answer:
    """GET which portal the token belongs to."""
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
    """GET whether somebody opted out of everything: no result when not (documented)."""
    contact = call.portal.contact_by_email(call.path["email"])
    rows: list[Shape] = []
    if contact is not None and contact.opted_out:
        rows.append(
            {
                "subscriberIdString": contact.email,
                "channel": "EMAIL",
                "status": "UNSUBSCRIBED",
                "wideStatusType": "PORTAL_WIDE",
                "timestamp": iso(contact.updated_at),
            }
        )
    return call.batch(rows)


def token(call: Call) -> Answer:
    """POST a grant as a form: an access token and a refresh token."""
    return Answer(200, call.tokens.grant(call.form, call.portal.id))


def introspect(call: Call) -> Answer:
    """POST a token as a form: what it is worth."""
    return Answer(200, call.tokens.introspect(call.form, call.portal.id))


def developers_only(call: Call) -> Answer:
    """Refuse what needs an app of a developer account (documented): no key of a portal does."""
    raise errors.missing_scopes(["developers-read"], key=call.tokens.scopes_key)


def no_timeline_events(call: Call) -> Answer:
    """Refuse custom timeline events, which keys and private apps do not support (documented)."""
    raise errors.missing_scopes(["timeline"], key=call.tokens.scopes_key)
