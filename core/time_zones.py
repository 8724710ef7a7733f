"""Time zones by their names, and the hour that a clock shows twice."""

import datetime as dt
import zoneinfo


def zone_called(name: str | None) -> zoneinfo.ZoneInfo | None:
    """Return the time zone `name`; None if there is none."""
    if not name:
        return None
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        # OSError: the name of a folder of zones, such as "Europe".
        return None


def zone_at(moment: dt.datetime, name: str) -> str:
    """Return what to write beside `moment` in the time zone `name`. In the hour that the clock
    shows twice, it says which of the two."""
    return f"{name} {repeated_hour(moment)}".rstrip()


def repeated_hour(moment: dt.datetime) -> str:
    """Return the UTC offset of `moment` in its own time zone, such as "UTC+02:00", in the hour that
    is shown twice when the clock is set back; otherwise ""."""
    if moment.replace(fold=0).utcoffset() == moment.replace(fold=1).utcoffset():
        return ""
    return str(dt.timezone(moment.utcoffset() or dt.timedelta()))
