"""Calendar files: a moved or removed date is never there twice."""

import datetime as dt
from typing import Any, cast

import msgspec
import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from platforms.gotowebinar import Client
from platforms.models import Connection
from platforms.records import Approval, TimeRange
from platforms.records import Webinar as RemoteWebinar
from registration_forms import ics
from sync.pull.webinar_list import sync_webinar_list
from tests.factories import ConnectionFactory
from webinars.calendar_dates import CalendarDate, follow
from webinars.models import Webinar

FIRST = dt.datetime(2031, 1, 10, 15, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
NOW = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)


def on(*days: float) -> tuple[TimeRange, ...]:
    """Return the dates of a sequence on these days after the first."""
    return tuple(TimeRange(FIRST + n * DAY, FIRST + n * DAY + DAY / 24) for n in days)


LISTED = RemoteWebinar(
    key="7", webinar_id="7", organizer_key="1", account_key="", subject="Three evenings",
    description="", times=on(0, 1, 2), time_zone="Europe/Berlin", locale="", registration_url="",
    approval_type=Approval.AUTOMATIC, recurrence_type="sequence", experience_type="",
    recurrence_key=None,
)  # fmt: skip


class Listing:
    """A GoTo that lists one webinar."""

    def __init__(self, row: RemoteWebinar) -> None:
        self.row = row
        self.skipped = {"webinars": 0}

    def webinars(self, start: dt.datetime, end: dt.datetime) -> Any:
        return iter([self.row])


@pytest.fixture
def connection(db: None) -> Connection:
    return ConnectionFactory.create(organizer_key="1")


def read(connection: Connection, **changed: Any) -> Webinar:
    """Return the webinar after a sync that reads `changed`."""
    row = msgspec.structs.replace(LISTED, **changed)
    sync_webinar_list(connection, cast(Client, Listing(row)))
    return Webinar.objects.get()


class PersonsCalendar:
    """Imports files like a calendar: an event is replaced by a later version."""

    def __init__(self) -> None:
        self.events: dict[str, Any] = {}
        self.since = timezone.now()

    def take(self, webinar: Webinar) -> None:
        for event in Calendar.from_ical(ics.build_ics(webinar, since=self.since)).walk("VEVENT"):
            known = self.events.get(str(event["UID"]))
            if known is None or event["SEQUENCE"] >= known["SEQUENCE"]:
                self.events[str(event["UID"])] = event

    def days(self) -> list[int]:
        return sorted(
            (event.start - FIRST).days
            for event in self.events.values()
            if event.get("STATUS") != "CANCELLED"
        )


def test_a_date_that_is_removed_leaves_the_others_as_they_are(connection: Connection) -> None:
    mine = PersonsCalendar()
    mine.take(read(connection))
    before = {event.start: uid for uid, event in mine.events.items()}
    webinar = read(connection, times=on(1, 2))
    fresh: list[Any] = Calendar.from_ical(ics.build_ics(webinar)).walk("VEVENT")
    assert [(before[event.start], event["SEQUENCE"]) for event in fresh] == [
        (uid, 0) for start, uid in before.items() if start != FIRST
    ]
    mine.take(webinar)
    assert mine.days() == [1, 2]


def test_a_date_that_is_moved_is_the_same_one(connection: Connection) -> None:
    mine = PersonsCalendar()
    mine.take(read(connection))
    mine.take(read(connection, times=on(0, 5, 2)))
    assert mine.days() == [0, 2, 5] and len(mine.events) == 3
    moved = next(event for event in mine.events.values() if event.start == FIRST + 5 * DAY)
    assert moved["SEQUENCE"] == 1 and moved["LAST-MODIFIED"].dt >= mine.since.replace(microsecond=0)


def test_who_registers_later_is_not_handed_over_for_cancelled_dates(connection: Connection) -> None:
    read(connection)
    webinar = read(connection, times=on(1, 2))
    late = PersonsCalendar()
    late.take(webinar)
    assert late.days() == [1, 2] and len(late.events) == 2


def test_a_new_title_is_a_new_version_and_a_webinar_that_is_gone_is_cancelled(
    connection: Connection,
) -> None:
    mine = PersonsCalendar()
    mine.take(read(connection))
    mine.take(read(connection, subject="Three mornings"))
    assert {str(event["SUMMARY"]) for event in mine.events.values()} == {"Three mornings"}
    assert mine.days() == [0, 1, 2]
    Webinar.objects.update(state=Webinar.State.GONE)
    mine.take(Webinar.objects.get())
    assert mine.days() == []


def test_a_list_that_has_not_changed_writes_nothing(
    connection: Connection, django_assert_num_queries: Any
) -> None:
    read(connection)
    with django_assert_num_queries(3):
        read(connection)


MANY_DAYS = st.lists(st.integers(0, 9), unique=True, max_size=6)


@given(st.lists(MANY_DAYS, min_size=1, max_size=6))
def test_after_any_changes_each_date_is_there_once(history: list[list[int]]) -> None:
    known: list[CalendarDate] = []
    calendar: dict[str, CalendarDate] = {}
    for days in history:
        times = [(item.start.isoformat(), item.end.isoformat()) for item in on(*days)]
        known = follow(known, times, NOW)
        assert follow(known, times, NOW) == known
        assert len({item["uid"] for item in known}) == len(known)
        for item in known:
            before = calendar.get(item["uid"])
            assert before in (None, item) or item["sequence"] > before["sequence"]
            calendar[item["uid"]] = item
        live = [item["start"] for item in calendar.values() if not item["cancelled"]]
        assert sorted(live) == sorted(start for start, _end in times)
