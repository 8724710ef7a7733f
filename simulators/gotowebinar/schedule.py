"""Creating, changing and cancelling webinars over the API."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from . import errors
from .forms import form_field, names_and_email
from .goto import GoTo
from .options import parse_moment
from .records import SEQUENCE, SERIES, SINGLE, Interval, User, Webinar

SUBJECT_SIZE = 128
DESCRIPTION_SIZE = 2048
LOCALES = ("en_US", "de_DE", "es_ES", "fr_FR", "it_IT", "zh_CN")
_zones = cache(available_timezones)


def created(goto: GoTo, user: User, body: Mapping[str, Any]) -> dict[str, str]:
    """CreatedWebinar of the user's new webinar; a series makes one for each time [contract].

    Raises Refusal (400) when subject or times are missing or wrong.
    """
    subject, description = _texts(body, "", "")
    kind = body.get("type", SINGLE)
    times = _times(body.get("times"))
    if not subject or kind not in (SINGLE, SERIES, SEQUENCE):
        raise errors.bad_request("subject is required; type is single_session, series or sequence")
    if (kind == SINGLE) != (len(times) == 1):
        raise errors.bad_request("single_session takes one time, series and sequence several")
    series_key = goto.account.next_key() if kind == SERIES else None
    groups = [[interval] for interval in times] if kind == SERIES else [times]
    made = [
        blank(goto, user, subject, group, kind=kind, description=description, series_key=series_key)
        for group in groups
    ]
    for webinar in made:
        _settle(webinar, body)
        webinar.experience = str(body.get("experienceType") or webinar.experience).upper()
        webinar.ondemand = bool(body.get("isOndemand", False))
        goto.add_webinar(webinar)
    answer = {"webinarKey": str(made[0].key)}
    return answer | ({"recurrenceKey": str(series_key)} if series_key else {})


def blank(
    goto: GoTo,
    user: User,
    subject: str,
    times: list[Interval],
    *,
    kind: str = SINGLE,
    description: str = "",
    series_key: int | None = None,
) -> Webinar:
    """Return a new webinar with GoTo's default form: names and email only."""
    key = goto.account.next_key()
    return Webinar(
        key=key,
        organizer_key=user.key,
        display_id=str(100_000_000 + key % 899_999_999),
        subject=subject,
        description=description,
        times=times,
        kind=kind,
        recurrence_key=series_key,
        fields=[*names_and_email(), form_field("organization"), form_field("phone")],
    )


def changed(goto: GoTo, webinar: Webinar, body: Mapping[str, Any]) -> None:
    """Change the values of the body. Raises Refusal (400) if there are none [contract]."""
    known = ("subject", "description", "times", "timeZone", "locale", "emailSettings")
    if not any(name in body for name in known):
        raise errors.bad_request("At least one of " + ", ".join(known) + " is required")
    webinar.subject, webinar.description = _texts(body, webinar.subject, webinar.description)
    if "times" in body:
        webinar.times = _times(body["times"])
    _settle(webinar, body)
    goto.changed_webinar(webinar.key)


def cancel(goto: GoTo, webinar: Webinar, *, whole_series: bool) -> None:
    """Cancel a webinar, or every upcoming one of its series. Raises Refusal (409) while live."""
    if webinar.is_live():
        raise errors.Refusal(409, {"errorCode": "WebinarInSession", "description": "It is live"})
    goto.delete_webinar(webinar.key)
    if webinar.recurrence_key is None or not whole_series:
        return
    for other in goto.listed(goto.account.owner(webinar)):
        if other.recurrence_key == webinar.recurrence_key and not other.is_over(goto.now()):
            goto.delete_webinar(other.key)


def _settle(webinar: Webinar, body: Mapping[str, Any]) -> None:
    """Set time zone and locale. Raises Refusal (400) for unknown ones."""
    zone = str(body.get("timeZone", webinar.time_zone))
    locale = str(body.get("locale", webinar.locale))
    if zone not in _zones() or locale not in LOCALES:
        raise errors.bad_request(f"timeZone is an IANA name, locale one of {', '.join(LOCALES)}")
    webinar.time_zone, webinar.locale = zone, locale


def _texts(body: Mapping[str, Any], subject: str, description: str) -> tuple[str, str]:
    given: tuple[object, object] = (
        body.get("subject", subject),
        body.get("description", description),
    )
    for text, size in zip(given, (SUBJECT_SIZE, DESCRIPTION_SIZE), strict=True):
        if not isinstance(text, str) or len(text) > size:
            raise errors.bad_request("subject has at most 128 characters, description 2048")
    return str(given[0]), str(given[1])


def _times(given: object) -> list[Interval]:
    try:
        if not isinstance(given, list) or not given:
            raise ValueError("no times")
        times = [(parse_moment(one["startTime"]), parse_moment(one["endTime"])) for one in given]
        if any(start >= end for start, end in times):
            raise ValueError("ends before it starts")
    except (KeyError, TypeError, ValueError) as error:
        raise errors.bad_request("times needs startTime and a later endTime") from error
    return sorted(times)
