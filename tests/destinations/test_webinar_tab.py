"""A webinar's HubSpot tab: preview first, then the switch, then the people's status (rules 9 and
12)."""

import datetime as dt
import html

import pytest
from django.test import Client
from django.utils import timezone

from contacts.models import AlternateEmail
from destinations.models import HubSpotComparison, Participation, Portal, WebinarHandover
from simulators.hubspot.process import HubSpotProcess
from tests.destinations.portal import send, states, switched_on, work, writes
from tests.factories import RegistrationFactory, SessionFactory, WebinarFactory
from tests.fixtures.world import signed_in
from webinars import sessions
from webinars.models import Webinar
from webinarsync import roles

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rule(9, 12)]


@pytest.fixture
def marketer() -> Client:
    roles.set_up()
    return signed_in(roles.MARKETERS)


def tab_text(client: Client, webinar: Webinar, page: str = "", **posted: str) -> str:
    """Return the tab after a POST and the worker's run."""
    tab = f"/hubspot/webinars/{webinar.pk}/"
    flashed = ""
    if page:
        answer = client.post(f"{tab}{page}", posted, follow=True)
        assert answer.status_code == 200
        flashed = answer.content.decode()
    client.get(tab)
    HubSpotComparison.objects.update(finished_at=None, started_at=None, state="waiting")
    work()
    answer = client.get(tab)
    assert answer.status_code == 200
    return html.unescape(flashed + answer.content.decode())


def test_a_past_webinar_is_previewed_before_it_can_be_switched_on(
    hubspot: HubSpotProcess, portal: Portal, marketer: Client
) -> None:
    webinar = WebinarFactory.create(past=True)
    RegistrationFactory.create(webinar=webinar, contact__email="w@example.com", overflow=True)
    RegistrationFactory.create(webinar=webinar)
    assert 'value="yes"' not in tab_text(marketer, webinar)
    assert "Preview what would be sent first" in tab_text(marketer, webinar, "switch/", on="yes")
    assert not WebinarHandover.objects.get().enabled
    text = tab_text(marketer, webinar, "preview/")
    assert "w@example.com" in text
    assert "On the waiting list." in text
    assert webinar.subject in text
    assert writes(hubspot) == []
    assert "is being sent to HubSpot" in tab_text(marketer, webinar, "switch/", on="yes")
    row = WebinarHandover.objects.get()
    assert row.enabled
    assert row.enabled_by
    assert "no longer sent" in tab_text(marketer, webinar, "switch/", on="no")
    assert not WebinarHandover.objects.get().enabled


def test_who_differs_is_named_with_hubspots_message_and_can_be_sent_again(
    hubspot: HubSpotProcess, portal: Portal, marketer: Client
) -> None:
    registration = RegistrationFactory.create(contact__email="bad@example.con")
    webinar = registration.webinar
    row = switched_on(portal, webinar)
    send(row)
    text = tab_text(marketer, webinar)
    assert "HubSpot rejected this contact." in text
    assert "Email address bad@example.con is invalid" in text
    registration.contact.email = "good@example.com"
    registration.contact.save()
    AlternateEmail.objects.all().delete()
    tab_text(marketer, webinar, "send-again/", contact=str(registration.contact.pk))
    send(row)
    assert states(hubspot) == [("good@example.com", "REGISTERED")]
    Participation.objects.update(next_check_at=timezone.now())
    send(row)
    assert "None. Everyone matches HubSpot." in tab_text(marketer, webinar)


@pytest.mark.rule(8)
def test_who_registered_for_the_recording_is_distinguished_from_no_shows(
    portal: Portal, marketer: Client
) -> None:
    webinar = WebinarFactory.create(starts_at=timezone.now() - dt.timedelta(days=3))
    session = SessionFactory.create(webinar=webinar)
    RegistrationFactory.create(webinar=webinar)
    sessions.refresh(webinar)
    send(switched_on(portal, webinar))
    assert "for the recording" not in tab_text(marketer, webinar)
    RegistrationFactory.create(webinar=webinar, registered_at=session.ended_at)
    assert "1 person registered after the webinar, for the recording." in tab_text(
        marketer, webinar
    )


def test_the_tab_is_there_while_a_portal_is_connected(marketer: Client) -> None:
    webinar = WebinarFactory.create()
    address = f"/hubspot/webinars/{webinar.pk}/"

    def tabs() -> str:
        return marketer.get(f"/admin/webinars/webinar/{webinar.pk}/change/").content.decode()

    assert address not in tabs()
    assert marketer.get(address).status_code == 404
    Portal.objects.create(portal_id="1", access_token="pat-x")
    assert address in tabs()


def test_an_event_that_exists_is_shown_and_chosen(
    hubspot: HubSpotProcess, portal: Portal, marketer: Client
) -> None:
    registration = RegistrationFactory.create()
    webinar = registration.webinar
    body = {"name": webinar.subject, "starts_at": f"{webinar.starts_at:%Y-%m-%dT%H:%M:%SZ}"}
    object_id = hubspot.control("POST", "event", body)["id"]
    row = switched_on(portal, webinar)
    send(row)
    text = tab_text(marketer, webinar)
    assert "HubSpot already has a marketing event for these dates." in text
    assert "created by GoToWebinar" in text
    event = row.events.get()
    chosen = {"event": str(event.pk), "use": object_id}
    assert "cannot be chosen" in tab_text(
        marketer, webinar, "choose-event/", **(chosen | {"use": "1"})
    )
    assert "Your choice is saved." in tab_text(marketer, webinar, "choose-event/", **chosen)
    assert row.events.get().object_id == object_id
    text = tab_text(marketer, webinar)
    assert "already has a marketing event" not in text
    other = marketer.post(f"/hubspot/webinars/{webinar.pk}/choose-event/", {"event": "x"})
    assert other.status_code == 404
