"""One marketing event a date, for series and sequences alike, with a stable key (rule 12)."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest
from django.utils import timezone

from destinations.models import Portal
from simulators.hubspot.process import HubSpotProcess
from tests.destinations.portal import participations, send, switched_on
from tests.factories import AttendanceFactory, RegistrationFactory, SessionFactory, WebinarFactory
from webinars import sessions
from webinars.calendar_dates import follow
from webinars.models import Webinar

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rule(12)]
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)


def starts(*days: int) -> list[dt.datetime]:
    """Return times this many days from now."""
    now = timezone.now().replace(microsecond=0)
    return [now + day * DAY for day in days]


def take_place(webinar: Webinar, begins: Sequence[dt.datetime]) -> None:
    """Set the dates of a webinar, as the sync does."""
    webinar.times = [[begin.isoformat(), (begin + HOUR).isoformat()] for begin in begins]
    webinar.starts_at, webinar.ends_at = begins[0], begins[-1] + HOUR
    webinar.calendar_dates = follow(webinar.calendar_dates, webinar.times, timezone.now())
    webinar.save()


def sequence(*days: int, **values: Any) -> Webinar:
    webinar: Webinar = WebinarFactory.create(recurrence_type="sequence", **values)
    take_place(webinar, starts(*days))
    return webinar


def events(hubspot: HubSpotProcess) -> dict[str, dict[str, Any]]:
    return {each["externalEventId"]: each for each in hubspot.truth()["events"]}


def test_each_occurrence_of_a_series_is_an_event_under_its_own_key(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    """They have the same name: none is mistaken for an existing event."""
    occurrences = [
        WebinarFactory.create(
            subject="Coffee hour",
            recurrence_type="series",
            recurrence_key="900",
            starts_at=begin,
            ends_at=begin + HOUR,
        )
        for begin in starts(1, 8, 15)
    ]
    for number, webinar in enumerate(occurrences):
        RegistrationFactory.create(webinar=webinar, contact__email=f"{number}@example.com")
        send(switched_on(portal, webinar))
    assert events(hubspot).keys() == {webinar.key for webinar in occurrences}
    assert [line[:3] for line in participations(hubspot)] == sorted(
        (webinar.key, f"{number}@example.com", "REGISTERED")
        for number, webinar in enumerate(occurrences)
    )


def test_each_date_of_a_sequence_is_an_event_under_its_number(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    """Registered people are registered for all dates, and attended those they were at."""
    webinar = sequence(-10, -6, 3)
    begins = [dt.datetime.fromisoformat(begin) for begin, _end in webinar.times]
    registration = RegistrationFactory.create(
        webinar=webinar, contact__email="ada@example.com", registered_at=begins[0] - DAY
    )
    held = [SessionFactory.create(webinar=webinar, started_at=begin) for begin in begins[:2]]
    AttendanceFactory.create(session=held[1], registration=registration)
    sessions.refresh(webinar)
    send(switched_on(portal, webinar))
    key = webinar.key
    there = events(hubspot)
    assert there.keys() == {f"{key}:1", f"{key}:2", f"{key}:3"}
    assert [line[:3] for line in participations(hubspot)] == [
        (f"{key}:1", "ada@example.com", "REGISTERED"),
        (f"{key}:2", "ada@example.com", "ATTENDED"),
        (f"{key}:2", "ada@example.com", "REGISTERED"),
        (f"{key}:3", "ada@example.com", "REGISTERED"),
    ]
    # Those whose attendance is handed over are complete; HubSpot computes the no-show of the first.
    complete = {name: each["eventCompleted"] for name, each in there.items()}
    assert complete == {f"{key}:1": True, f"{key}:2": True, f"{key}:3": False}


def test_a_date_that_is_added_gets_the_next_number_and_the_others_keep_theirs(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    webinar = sequence(3, 10)
    RegistrationFactory.create(webinar=webinar)
    row = switched_on(portal, webinar)
    send(row)
    before = {name: each["objectId"] for name, each in events(hubspot).items()}
    first, second = (dt.datetime.fromisoformat(begin) for begin, _end in webinar.times)
    take_place(webinar, [first, first + 2 * DAY, second])
    send(row)
    after = events(hubspot)
    key = webinar.key
    assert after.keys() == {f"{key}:1", f"{key}:2", f"{key}:3"}
    assert {name: after[name]["objectId"] for name in before} == before
    assert after[f"{key}:3"]["startDateTime"].startswith(f"{first + 2 * DAY:%Y-%m-%dT%H:%M}")


def test_a_single_webinar_that_gets_further_dates_keeps_its_key_for_the_first(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    webinar = sequence(3)
    RegistrationFactory.create(webinar=webinar)
    row = switched_on(portal, webinar)
    send(row)
    assert events(hubspot).keys() == {webinar.key}
    begin = dt.datetime.fromisoformat(webinar.times[0][0])
    take_place(webinar, [begin, begin + 7 * DAY])
    send(row)
    there = events(hubspot)
    assert there.keys() == {webinar.key, f"{webinar.key}:2"}
    assert there[webinar.key]["startDateTime"].startswith(f"{begin:%Y-%m-%dT%H:%M}")


def test_title_organizer_times_link_and_cancellation_are_updated(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    webinar = sequence(
        3,
        subject="First title",
        organizer_name="Ada",
        registration_url="https://example.com/first",
    )
    RegistrationFactory.create(webinar=webinar)
    row = switched_on(portal, webinar)
    send(row)
    there = events(hubspot)[webinar.key]
    assert (there["eventName"], there["eventOrganizer"]) == ("First title", "Ada")
    assert there["eventUrl"] == "https://example.com/first"
    moved = starts(9)[0]
    take_place(webinar, [moved])
    webinar.subject, webinar.organizer_name = "Second title", "Bob"
    webinar.registration_url = "https://example.com/second"
    webinar.save()
    send(row)
    after = events(hubspot)[webinar.key]
    assert after["objectId"] == there["objectId"]
    assert (after["eventName"], after["eventOrganizer"]) == ("Second title", "Bob")
    assert after["eventUrl"] == "https://example.com/second"
    assert after["startDateTime"].startswith(f"{moved:%Y-%m-%dT%H:%M}")
    assert after["endDateTime"].startswith(f"{moved + HOUR:%Y-%m-%dT%H:%M}")
    assert not after["eventCancelled"]
    webinar.state = Webinar.State.GONE
    webinar.save()
    send(row)
    assert events(hubspot)[webinar.key]["eventCancelled"]


def test_every_webinar_is_shown_and_sent_whenever_it_took_place(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    """Report 2: past webinars and single dates are included in lists."""
    past, live, to_come = (
        WebinarFactory.create(starts_at=begin, ends_at=begin + 2 * HOUR)
        for begin in starts(-20, 0, 20)
    )
    for webinar in (past, live, to_come):
        RegistrationFactory.create(webinar=webinar, registered_at=timezone.now() - 30 * DAY)
        send(switched_on(portal, webinar))
    assert events(hubspot).keys() == {past.key, live.key, to_come.key}
    assert len(participations(hubspot)) == 3
