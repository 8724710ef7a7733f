"""A webinar as a file for people's calendars (RFC 5545)."""

import datetime as dt

from django.utils import timezone
from icalendar import Calendar, Event

from webinars.models import Webinar


def file_of(webinar: Webinar, *, join_url: str = "") -> bytes:
    """Return the webinar's times as an .ics file, an event each; a sequence has several.

    The same event keeps its identity, so that importing the file again brings it up to date.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//WebinarSync//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for number, (start, end) in enumerate(webinar.times_on_its_clock()):
        event = Event()
        event.add("uid", f"{webinar.key}-{number}@webinarsync")
        event.add("dtstamp", timezone.now())
        event.add("dtstart", start.astimezone(dt.UTC))
        event.add("dtend", end.astimezone(dt.UTC))
        event.add("summary", webinar.subject)
        event.add("description", "\n\n".join(filter(None, [join_url, webinar.description])))
        if join_url:
            event.add("url", join_url)
            event.add("location", join_url)
        calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written
