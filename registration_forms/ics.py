"""Calendar files of webinars (RFC 5545)."""

import datetime as dt

from django.utils import timezone
from icalendar import Calendar, Event

from webinars.calendar_dates import CalendarDate, cancel_all, follow
from webinars.models import Webinar


def build_ics(webinar: Webinar, *, join_url: str = "", since: dt.datetime | None = None) -> bytes:
    """Return the webinar's dates as an .ics file, with an event each; a sequence has several.

    A date keeps its identity, so importing the file again updates it. For someone who may have a
    file from `since`, it contains the dates cancelled after that.
    """
    now = timezone.now()
    dates = follow(webinar.calendar_dates, webinar.times, now)
    if webinar.state == Webinar.State.GONE:
        dates = cancel_all(dates, now)
    calendar = Calendar()
    calendar.add("prodid", "-//WebinarSync//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for date in dates:
        if not date["cancelled"] or _concerns(date, since, now):
            calendar.add_component(_event(webinar, date, join_url, now))
    written: bytes = calendar.to_ical()
    return written


def _concerns(date: CalendarDate, since: dt.datetime | None, now: dt.datetime) -> bool:
    """Return whether a cancelled future date can be in a calendar file from `since`."""
    changed_at = date["changed_at"]
    if since is None or changed_at is None:
        return False
    return _utc(date["end"]) > now and _utc(changed_at) >= since


def _event(webinar: Webinar, date: CalendarDate, join_url: str, now: dt.datetime) -> Event:
    changed_at = date["changed_at"]
    event = Event()
    event.add("uid", f"{webinar.key}-{date['uid']}@webinarsync")
    event.add("sequence", date["sequence"])
    event.add("dtstamp", now)
    event.add("last-modified", _utc(changed_at) if changed_at else webinar.first_seen_at)
    event.add("dtstart", _utc(date["start"]))
    event.add("dtend", _utc(date["end"]))
    event.add("summary", webinar.subject)
    if date["cancelled"]:
        event.add("status", "CANCELLED")
        return event
    event.add("description", "\n\n".join(filter(None, [join_url, webinar.description])))
    if join_url:
        event.add("url", join_url)
        event.add("location", join_url)
    return event


def _utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).astimezone(dt.UTC)
