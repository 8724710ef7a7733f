"""Format dates and times for people, in one form everywhere and in the reader's time zone.

`Tue 15 Dec, 10:20`; with the year if it is another one, and with "UTC" if that is the reader's time
zone.
"""

import datetime as dt

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import pgettext

from core.time_zones import zone_at


def moment(value: dt.datetime) -> str:
    """Return date and time of `value` in the current time zone."""
    local = timezone.localtime(value)
    return f"{_day_and_time(local)}{_utc(local)}"


def moment_at(value: dt.datetime, zone: dt.tzinfo, name: str) -> str:
    """Return date and time of `value` in `zone`, followed by `zone_at` of its `name`."""
    local = value.astimezone(zone)
    return f"{_day_and_time(local)} {zone_at(local, name)}"


def day(value: dt.date) -> str:
    """Return the day of `value`: a date, or a time in the current time zone."""
    local = timezone.localtime(value) if isinstance(value, dt.datetime) else value
    # Translators: letters of Django's date formats, here for "Tue 15 Dec" and "Tue 15 Dec 2026".
    this_year, other = pgettext("date format", "D j M"), pgettext("date format", "D j M Y")
    return date_format(local, this_year if _is_this_year(local) else other)


def stamp(value: dt.datetime) -> str:
    """Return date and time of `value` for a text that is stored: with year and time zone."""
    local = timezone.localtime(value)
    return f"{date_format(local, pgettext('date format', 'D j M Y, H:i'))} {local:%Z}"


def full(value: dt.datetime) -> str:
    """Return date and time of `value` in full, in its own time zone, for emails and public
    pages."""
    # Translators: "Tuesday, 15 December 2026, 10:20".
    return date_format(value, pgettext("date format", "l, j F Y, H:i"))


def clock(value: dt.datetime) -> str:
    """Return the time of day of `value` in the current time zone."""
    local = timezone.localtime(value)
    return f"{date_format(local, 'H:i')}{_utc(local)}"


def _day_and_time(local: dt.datetime) -> str:
    # Translators: "Tue 15 Dec, 10:20" and "Tue 15 Dec 2026, 10:20".
    this_year = pgettext("date format", "D j M, H:i")
    other = pgettext("date format", "D j M Y, H:i")
    return date_format(local, this_year if _is_this_year(local) else other)


def _is_this_year(local: dt.date) -> bool:
    zone = local.tzinfo if isinstance(local, dt.datetime) else None
    return local.year == timezone.localtime(timezone=zone).year


def _utc(local: dt.datetime) -> str:
    return " UTC" if local.tzname() == "UTC" else ""
