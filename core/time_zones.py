"""Time zones by their names, and times that say on which clock they are."""

import datetime as dt
import zoneinfo

from django.utils import timezone


def zone_called(name: str | None) -> zoneinfo.ZoneInfo | None:
    """Return the time zone `name`; None where there is none such."""
    if not name:
        return None
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        # OSError: the name of a folder of zones, such as "Europe".
        return None


def stamp(moment: dt.datetime) -> str:
    """Return `moment` on the reader's clock, with the name of that clock."""
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M %Z}"


def repeated_hour(moment: dt.datetime) -> str:
    """Return how far from UTC `moment` is on its own clock, such as "UTC+02:00", in the hour that
    is shown twice because that clock is put back; at any other time nothing."""
    if moment.replace(fold=0).utcoffset() == moment.replace(fold=1).utcoffset():
        return ""
    return str(dt.timezone(moment.utcoffset() or dt.timedelta()))
