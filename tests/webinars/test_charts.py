"""The charts of a webinar match its audiences."""

import datetime as dt

import pytest
from django.utils import timezone

from contacts.models import Contact
from tests.factories import AttendanceFactory, RegistrationFactory, SessionFactory, WebinarFactory
from tests.fixtures.world import World
from webinars.analytics.attendance_curve import in_the_room, minutes_attended
from webinars.analytics.funnel import Funnel, funnel_chart, funnels, stays_by_webinar
from webinars.analytics.registration_pace import Pace, over_time, sources
from webinars.analytics.report import charts
from webinars.audiences import Audience, counts, members
from webinars.models import Registration, Webinar

# Days are counted from noon, so that none of them ends while a test runs.
pytestmark = pytest.mark.time_machine(dt.datetime(2026, 11, 18, 12, tzinfo=dt.UTC))
State = Registration.State


def funnel(webinar: Webinar) -> Funnel:
    return funnels([webinar])[webinar.pk]


@pytest.mark.rule(8)
def test_the_funnel_counts_as_the_audiences_do(world: World) -> None:
    webinar = world.webinar
    world.registrations[0].state = State.OVERFLOW
    world.registrations[0].waiting_since = timezone.now()
    world.registrations[0].save()
    counted = counts(webinar.registrations.all())
    found = funnel(webinar)
    assert found.submitted == 6
    assert (found.registered, found.attended) == (
        counted[Audience.REGISTERED],
        counted[Audience.ATTENDED],
    )
    # Three of five attended, for 1, 3 and 5 minutes.
    assert (found.rate, found.stayed) == (60, 3)


def test_to_the_end_is_when_the_session_was_over_as_they_left(world: World) -> None:
    webinar = world.webinar
    start = timezone.now() - dt.timedelta(days=1)
    for day in (7, 1):
        begun = timezone.now() - dt.timedelta(days=day)
        SessionFactory.create(webinar=webinar, started_at=begun)
    for item, minutes in zip(world.registrations[1::2], (60, 56, 30), strict=True):
        item.first_joined_at = start - dt.timedelta(days=6)
        item.last_left_at = start + dt.timedelta(minutes=minutes)
        item.save()
    # The third left the later session early, though they were there at the end of the first.
    assert funnel(webinar).to_the_end == 2


def test_zero_people_and_zero_values_give_a_picture_too(world: World) -> None:
    webinar = world.webinar
    Contact.objects.all().delete()
    assert funnel(webinar) == Funnel()
    assert [chart.rows for chart in charts(webinar, Funnel(), {})] == [[], [], [], []]
    webinar.last_session_ended_at = None
    assert len(charts(webinar, Funnel(), {})) == 1


def test_registrations_are_shown_by_day_and_source(world: World) -> None:
    now = timezone.now()
    for item, days in zip(world.registrations, (0, 0, 2, 2, 2, 5), strict=True):
        item.registered_at = now - dt.timedelta(days=days)
        item.source = "form" if days == 2 else "platform"
        item.referral_source = "newsletter" if days == 2 else ""
        item.save()
    shown = over_time(world.webinar)
    assert shown.series == ["GoToWebinar", "Registration form"]
    assert [numbers for _day, numbers in shown.rows] == [
        [1, 0], [0, 0], [0, 0], [0, 3], [0, 0], [2, 0],
    ]  # fmt: skip
    assert sources(world.webinar) == [("newsletter", 3)]
    Registration.objects.filter(pk=world.registrations[5].pk).update(
        registered_at=now - dt.timedelta(days=90)
    )
    weekly = over_time(world.webinar)
    assert len(weekly.rows) == 13
    assert sum(sum(n or 0 for n in numbers) for _week, numbers in weekly.rows) == 6


def test_a_webinar_is_compared_with_earlier_ones_on_the_same_day_before(world: World) -> None:
    now = timezone.now()
    earlier = world.webinar
    coming = WebinarFactory.create(
        connection=earlier.connection, starts_at=now + dt.timedelta(days=3)
    )
    earlier.starts_at = now - dt.timedelta(days=30)
    earlier.save()
    for number, item in enumerate(world.registrations):
        # Of the earlier one: two registered five days before, four on the day itself.
        item.registered_at = earlier.starts_at - dt.timedelta(days=5 if number < 2 else 0)
        item.save()
    RegistrationFactory.create(contact=world.registrations[0].contact, webinar=coming)
    pace = Pace([coming, earlier])
    assert pace.usual([earlier], 3) == 2
    assert pace.usual([earlier], 0) == 6
    assert pace.usual([], 3) is None
    rows = pace.chart(coming, [earlier], timezone.localdate(now)).rows
    assert rows == [
        ("3 days before", [1, 2]),
        ("2 days before", [None, 2]),
        ("1 days before", [None, 2]),
        ("The day itself", [None, 6]),
    ]


def test_minutes_and_the_room(world: World) -> None:
    webinar = world.webinar
    begun = timezone.now() - dt.timedelta(hours=2)
    session = SessionFactory.create(
        webinar=webinar, started_at=begun, ended_at=begun + dt.timedelta(minutes=10)
    )
    zero = begun.timestamp()
    for item in members(webinar, Audience.ATTENDED):
        AttendanceFactory.create(
            session=session, registration=item, intervals=[[zero, zero + 60 * 5 - 1]]
        )
    assert minutes_attended(stays_by_webinar([webinar])[webinar.pk].minutes).rows == [
        ("0–5", [2]),
        ("5–10", [1]),
    ]
    assert [numbers for _minute, numbers in in_the_room(webinar).rows] == [[3]] * 5 + [[0]] * 5
    assert funnel_chart(webinar, funnel(webinar)).rows[0] == ("Registered", [6])
