"""An on-demand webinar: one marketing event without dates, which does not end (rule 12)."""

import datetime as dt

import pytest
from django.utils import timezone

from destinations.hubspot import access
from destinations.hubspot.preview import preview
from destinations.hubspot.status import status_of
from destinations.models import MarketingEvent, Participation, Portal, WebinarHandover
from simulators.hubspot.process import HubSpotProcess
from tests.destinations.portal import (
    milliseconds,
    participations,
    send,
    states,
    switched_on,
    work,
)
from tests.factories import AttendanceFactory, RegistrationFactory, SessionFactory, WebinarFactory
from tests.fixtures.world import signed_in
from webinars import sessions
from webinars.models import Registration, Webinar
from webinarsync import roles

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rule(12)]
DAY = dt.timedelta(days=1)


@pytest.fixture
def webinar() -> Webinar:
    return WebinarFactory.create(on_demand=True, starts_at=None, ends_at=None, times=[])


@pytest.fixture
def row(portal: Portal, webinar: Webinar) -> WebinarHandover:
    return switched_on(portal, webinar)


def watched(webinar: Webinar, ago: dt.timedelta, registration: Registration) -> dt.datetime:
    """Let a person watch the recording for half an hour; return when they began."""
    began = (timezone.now() - ago).replace(microsecond=0)
    session = SessionFactory.create(webinar=webinar, started_at=began)
    AttendanceFactory.create(session=session, registration=registration)
    sessions.refresh(webinar)
    return began


def test_it_is_one_event_without_dates(
    hubspot: HubSpotProcess, row: WebinarHandover, webinar: Webinar
) -> None:
    registration = RegistrationFactory.create(webinar=webinar)
    assert send(row)
    (event,) = hubspot.truth()["events"]
    assert event["externalEventId"] == webinar.key
    assert not event.get("startDateTime")
    assert not event.get("endDateTime")
    assert states(hubspot) == [(registration.contact.email, "REGISTERED")]
    send(row)
    assert len(hubspot.truth()["events"]) == MarketingEvent.objects.count() == 1


def test_who_watched_is_handed_over_although_others_watch_every_day(
    hubspot: HubSpotProcess, row: WebinarHandover, webinar: Webinar
) -> None:
    """The first time that they watched, a day after its report; the event is never completed, so
    that no one who may still watch is a no-show there."""
    first, second, third = RegistrationFactory.create_batch(
        3, webinar=webinar, registered_at=timezone.now() - 30 * DAY
    )
    began = watched(webinar, 20 * DAY, first)
    watched(webinar, dt.timedelta(hours=3), second)
    send(row)
    attended = [line for line in participations(hubspot) if line[2] == "ATTENDED"]
    assert attended == [(webinar.key, first.contact.email, "ATTENDED", milliseconds(began))]
    # They watch again: that is no correction of the sent data.
    watched(webinar, 5 * DAY, first)
    watched(webinar, dt.timedelta(hours=2), third)
    send(row)
    assert [line for line in participations(hubspot) if line[2] == "ATTENDED"] == attended
    assert not Participation.objects.filter(corrected_at__isnull=False).exists()
    (event,) = hubspot.truth()["events"]
    assert not event["eventCompleted"]
    assert status_of(row).late == 0
    roles.set_up()
    marketer = signed_in(roles.MARKETERS)
    marketer.get(f"/hubspot/webinars/{webinar.pk}/")
    work()
    answer = marketer.get(f"/hubspot/webinars/{webinar.pk}/")
    assert b"On demand: the marketing event does not end" in answer.content


def test_it_gets_a_date_and_stays_the_same_event(
    hubspot: HubSpotProcess, row: WebinarHandover, webinar: Webinar
) -> None:
    RegistrationFactory.create(webinar=webinar)
    send(row)
    starts_at = (timezone.now() + DAY).replace(microsecond=0)
    webinar.starts_at, webinar.ends_at = starts_at, starts_at + dt.timedelta(hours=1)
    webinar.save()
    send(row)
    (event,) = hubspot.truth()["events"]
    assert event["externalEventId"] == webinar.key
    assert event["startDateTime"].startswith(f"{starts_at:%Y-%m-%dT%H:%M}")


def test_of_a_webinar_on_demand_each_person_has_a_note_although_others_watch_every_day(
    hubspot: HubSpotProcess, portal: Portal, webinar: Webinar
) -> None:
    """It never ends: a note is due three days after the person watched first, and is dated to
    them."""
    portal.send_notes, portal.send_notes_since = True, timezone.now() - 60 * DAY
    portal.save()
    row = switched_on(portal, webinar)
    ends: dict[str, dt.datetime] = {}
    for name, days in (("early", 20), ("late", 6), ("today", 0)):
        began = (timezone.now() - dt.timedelta(days=days, hours=2)).replace(microsecond=0)
        session = SessionFactory.create(webinar=webinar, started_at=began)
        registration = RegistrationFactory.create(
            webinar=webinar,
            contact__email=f"{name}@example.com",
            registered_at=began - dt.timedelta(hours=1),
        )
        AttendanceFactory.create(session=session, registration=registration)
        ends[name] = session.ended_at
    sessions.refresh(webinar)
    assert preview(access.client_for(portal), row).notes == 2
    send(row)
    written = {
        note["emails"][0]: note["properties"]["hs_timestamp"] for note in hubspot.truth()["notes"]
    }
    assert set(written) == {"early@example.com", "late@example.com"}
    assert written["early@example.com"].startswith(f"{ends['early']:%Y-%m-%dT%H:%M}")
    assert written["late@example.com"].startswith(f"{ends['late']:%Y-%m-%dT%H:%M}")
    # A person who watches again already has their note.
    send(row)
    assert len(hubspot.truth()["notes"]) == 2
