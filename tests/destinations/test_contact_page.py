"""A contact's page shows the contact in HubSpot, and when it was last sent."""

import html

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from contacts.models import Contact
from destinations.models import Portal
from simulators.hubspot.process import HubSpotProcess
from tests.destinations.portal import connect, contacts, send, switched_on
from tests.factories import RegistrationFactory, WebinarFactory
from tests.fixtures.world import signed_in
from webinarsync import roles

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rule(12)]


@pytest.fixture
def marketer() -> Client:
    roles.set_up()
    return signed_in(roles.MARKETERS)


@pytest.fixture
def sent(hubspot: HubSpotProcess) -> Contact:
    """A contact that was created in HubSpot, and registered for one webinar."""
    portal = connect(hubspot, ui_domain="app-eu1.hubspot.com")
    registration = RegistrationFactory.create(webinar=WebinarFactory.create())
    send(switched_on(portal, registration.webinar))
    contact: Contact = registration.contact
    return contact


def page(client: Client, contact: Contact) -> str:
    answer = client.get(f"/admin/contacts/contact/{contact.pk}/change/")
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def test_it_links_to_the_record(hubspot: HubSpotProcess, sent: Contact, marketer: Client) -> None:
    record = contacts(hubspot)[sent.email]["id"]
    portal = hubspot.ready["portal_id"]
    text = page(marketer, sent)
    assert f'"https://app-eu1.hubspot.com/contacts/{portal}/record/0-1/{record}"' in text
    assert "Last sent" in text and "Created by WebinarSync." in text


def test_who_was_deleted_there_is_reported(
    hubspot: HubSpotProcess, sent: Contact, marketer: Client
) -> None:
    hubspot.control("POST", "archive", {"email": sent.email})
    registration = RegistrationFactory.create(contact=sent, webinar=WebinarFactory.create())
    send(switched_on(Portal.objects.get(), registration.webinar))
    text = page(marketer, sent)
    assert "Open the contact in HubSpot" not in text
    assert "Deleted in HubSpot: not created again." in text


def test_nothing_is_shown_for_people_never_sent_or_without_a_portal(
    sent: Contact, marketer: Client
) -> None:
    other = RegistrationFactory.create().contact
    assert "hubspot-title" not in page(marketer, other)
    Portal.objects.get().delete()
    assert "hubspot-title" not in page(marketer, sent)


@pytest.mark.pure
def test_without_permission_to_view_portals_none_is_shown(sent: Contact) -> None:
    user = User.objects.create_user("reader", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_contact"))
    client = Client()
    client.force_login(user)
    assert "hubspot-title" not in page(client, sent)
