"""A webinar's times in its own time zone, with the zone's name: form, emails, pages, calendars."""

import datetime as dt
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from core.dates import stamp
from core.time_zones import zone_called
from mailings.composer import values_of
from registration_forms import ics
from registration_forms.links import form_path
from tests.factories import MailingFactory
from tests.fixtures.world import World
from webinars.models import Webinar

# The format of a time is independent of the database.
pytestmark = pytest.mark.pure

# When daylight saving time begins or ends (UTC), and local time half an hour before, then, and half
# an hour after. Kolkata has none; an unknown zone is shown as UTC.
BERLIN, KOLKATA, HOWE = "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe"
NEW_YORK = "America/New_York"
CLOCKS = (
    (BERLIN, "2031-03-30T01:00", ("01:30", "03:00", "03:30"), BERLIN),
    (BERLIN, "2031-10-26T01:00", ("02:30 +02:00", "02:00 +01:00", "02:30 +01:00"), BERLIN),
    (NEW_YORK, "2031-03-09T07:00", ("01:30", "03:00", "03:30"), NEW_YORK),
    (NEW_YORK, "2031-11-02T06:00", ("01:30 -04:00", "01:00 -05:00", "01:30 -05:00"), NEW_YORK),
    (KOLKATA, "2031-03-30T01:00", ("06:00", "06:30", "07:00"), KOLKATA),
    (KOLKATA, "2031-10-26T01:00", ("06:00", "06:30", "07:00"), KOLKATA),
    (HOWE, "2031-10-04T15:30", ("01:30", "02:30", "03:00"), HOWE),
    (HOWE, "2031-04-05T15:00", ("01:30 +11:00", "01:30 +10:30", "02:00"), HOWE),
    ("Mars/Base", "2031-03-30T01:00", ("00:30", "01:00", "01:30"), "UTC"),
    ("Europe", "2031-10-26T01:00", ("00:30", "01:00", "01:30"), "UTC"),
    ("", "2031-10-26T01:00", ("00:30", "01:00", "01:30"), "UTC"),
)
MOMENTS = [
    pytest.param(zone, dt.datetime.fromisoformat(f"{change}+00:00") + after, shown, name)
    for zone, change, clock, name in CLOCKS
    for after, shown in zip(
        (dt.timedelta(minutes=-30), dt.timedelta(), dt.timedelta(minutes=30)), clock, strict=True
    )
]


@pytest.mark.rule(13)
@pytest.mark.parametrize(("zone", "start", "shown", "name"), MOMENTS)
def test_a_webinars_time_is_that_of_its_own_clock_everywhere(
    world: World, marketer: Client, zone: str, start: dt.datetime, shown: str, name: str
) -> None:
    webinar, end = world.webinar, start + dt.timedelta(hours=3)
    Webinar.objects.update(
        time_zone=zone, starts_at=start, ends_at=end, times=[[start.isoformat(), end.isoformat()]]
    )
    webinar.refresh_from_db()
    clock, _space, offset = shown.partition(" ")
    twice = f" UTC{offset}" if offset else ""
    form = Client().get(form_path(webinar)).content.decode()
    assert f", {clock}{f' (UTC{offset})' if offset else ''}–" in form
    assert f'<span class="zone">{name}</span>' in form
    mailed = values_of(MailingFactory.build(webinar=webinar))["webinar_time"]
    assert mailed.endswith(f" {clock} {name}{twice}")
    listed = unescape(marketer.get("/admin/webinars/webinar/").content.decode())
    assert f', {clock} {name}{twice}">' in listed
    events: list[Any] = Calendar.from_ical(ics.build_ics(webinar)).walk("VEVENT")
    (event,) = events
    assert (event.start, event.end) == (start, end)
    assert event["DTSTART"].to_ical().endswith(b"Z"), "every calendar knows UTC"


@pytest.mark.parametrize("name", ["", "Europe", "Mars/Base", "../etc/passwd", "a\0b", "x" * 500])
def test_an_invalid_time_zone_is_none(name: str) -> None:
    assert zone_called(name) is None


@pytest.mark.rule(13)
def test_a_time_in_a_name_shows_its_time_zone(world: World) -> None:
    at = dt.datetime(2031, 1, 10, 15, 0, tzinfo=dt.UTC)
    assert stamp(at) == "Fri 10 Jan 2031, 15:00 UTC"
    with timezone.override("Europe/Berlin"):
        assert stamp(at) == "Fri 10 Jan 2031, 16:00 CET"
        run = world.webinar.sync_runs.get()
        run.started_at = at
        assert str(run) == "A webinar · Fri 10 Jan 2031, 16:00 CET"
