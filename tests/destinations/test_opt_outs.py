"""Opt-outs made in HubSpot are opt-outs of the contact here (rule 11), and are read in time."""

import datetime as dt

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from contacts import opt_outs as all_opt_outs
from contacts.merge import merge, undo
from contacts.models import Activity, Contact, OptOut
from destinations.hubspot import access
from destinations.hubspot.opt_outs import HubSpotOptOuts
from destinations.models import OptOutCheck, Portal
from mailings import sender, tasks
from mailings.models import Mailing, Recipient
from simulators.hubspot.process import HubSpotProcess
from tests.destinations.portal import connect, contacts, deliver, send, switched_on, writes
from tests.factories import AlternateEmailFactory, ContactFactory, RegistrationFactory
from tests.fixtures.world import World
from tests.mailings.conftest import MailingBuilder, contact, people
from webinars.audiences import Audience
from webinars.models import Registration

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rule(11)]
BATCH = "/crm/objects/2026-09/contacts/batch/read"
STATUSES = "/communication-preferences/2026-09/statuses/batch/unsubscribe-all/read"


@pytest.fixture
def mailing(world: World) -> Mailing:
    """To the six people of the world, whose opt-outs were read from the platform today."""
    Registration.objects.update(details_read_at=timezone.now())
    return MailingBuilder(world).to(Audience.REGISTERED)


def unsubscribe(hubspot: HubSpotProcess, email: str) -> None:
    hubspot.control("POST", "contact", {"email": email, "properties": {}})
    hubspot.control("POST", "opt-out", {"email": email})


def send_mailing(mailing: Mailing) -> None:
    if sender.start(mailing):
        tasks.send(mailing.pk)
    else:
        tasks.sweep()


def recipients() -> set[str]:
    return {message.to[0] for message in mail.outbox}


def reads(hubspot: HubSpotProcess, path: str = BATCH) -> int:
    return len([call for call in hubspot.calls() if call["path"] == path])


@pytest.mark.rule(12)
def test_an_opt_out_is_read_with_the_contact_at_hand_over(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    unsubscribe(hubspot, "left@example.com")
    before = contacts(hubspot)["left@example.com"]
    person = RegistrationFactory.create(contact__email="Left@example.com").contact
    other = RegistrationFactory.create(contact__email="stays@example.com").contact
    for registration in Registration.objects.all():
        send(switched_on(portal, registration.webinar))
    stored = OptOut.objects.get()
    assert (stored.contact, stored.source) == (person, OptOut.Source.CRM)
    assert all_opt_outs.opted_out([person.pk, other.pk]) == {person.pk}
    activity = Activity.objects.get(contact=person, kind=Activity.Kind.UNSUBSCRIBED)
    assert activity.data == {"source": "crm"}
    assert contacts(hubspot)["left@example.com"]["history"] == before["history"]
    # Read again, it is stored once.
    deliver()
    assert OptOut.objects.count() == 1


def test_anyone_who_opted_out_in_hubspot_is_left_out_of_a_mailing(
    hubspot: HubSpotProcess, portal: Portal, mailing: Mailing
) -> None:
    unsubscribe(hubspot, "p4@example.com")
    send_mailing(mailing)
    assert recipients() == people(0, 1, 2, 3, 5)
    row = mailing.recipients.get(contact=contact(4))
    assert (row.state, row.reason) == (Recipient.State.SKIPPED, "They unsubscribed.")
    assert OptOut.objects.get().source == OptOut.Source.CRM
    # All six with one call, and nothing is written there.
    assert reads(hubspot) == 1 and writes(hubspot) == []


def test_hubspot_is_asked_for_no_one_twice_within_a_day(
    hubspot: HubSpotProcess, portal: Portal, mailing: Mailing
) -> None:
    now = timezone.now()
    for number in range(6):
        hours = 25 if number == 5 else 23
        OptOutCheck.objects.create(
            portal=portal, contact=contact(number), checked_at=now - dt.timedelta(hours=hours)
        )
    unsubscribe(hubspot, "p4@example.com")
    unsubscribe(hubspot, "p5@example.com")
    send_mailing(mailing)
    assert recipients() == people(0, 1, 2, 3, 4)
    assert OptOutCheck.objects.get(contact=contact(5)).checked_at > now


def test_addresses_that_opted_out_on_hubspot_count_where_the_token_has_the_scope(
    hubspot: HubSpotProcess, portal: Portal, mailing: Mailing
) -> None:
    AlternateEmailFactory.create(contact=contact(1), email="old@example.com")
    hubspot.control("POST", "opt-out", {"address": "old@example.com"})
    hubspot.control("POST", "opt-out", {"address": "p2@example.com"})
    access.verify_connection(portal)
    assert portal.checks[access.OPT_OUTS] == {"ok": True}
    send_mailing(mailing)
    assert recipients() == people(0, 3, 4, 5)


def test_without_that_scope_contacts_have_their_own_opt_out(
    hubspot: HubSpotProcess, portal: Portal, mailing: Mailing
) -> None:
    missing = "communication_preferences.statuses.batch.read"
    hubspot.control("POST", "scopes", {"missing": [missing]})
    access.verify_connection(portal)
    assert missing in portal.checks[access.OPT_OUTS]["params"]["scopes"]
    assert portal.state == Portal.State.CONNECTED
    # Removed after the connection test, it costs nothing either.
    portal.checks[access.OPT_OUTS] = {"ok": True}
    portal.save()
    hubspot.control("POST", "calls/reset")
    unsubscribe(hubspot, "p0@example.com")
    hubspot.control("POST", "opt-out", {"address": "p2@example.com"})
    send_mailing(mailing)
    assert reads(hubspot, STATUSES) == 1
    assert recipients() == people(1, 2, 3, 4, 5)


@pytest.mark.parametrize(
    "fault", [{"status": 500}, {"status": 429}, {"drop": True}, {"status": 401}, {"status": 423}]
)
def test_while_hubspot_cannot_be_asked_the_mailing_waits_and_leaves_people_out_after_an_hour(
    hubspot: HubSpotProcess, portal: Portal, mailing: Mailing, fault: dict[str, object]
) -> None:
    hubspot.control("POST", "fail", {"next": 1000, **fault})
    begun = timezone.now()
    with time_machine.travel(begun, tick=False):
        send_mailing(mailing)
        assert recipients() == set()
        row = mailing.recipients.get(contact=contact(3))
        assert row.state == Recipient.State.WAITING
        assert row.reason == "HubSpot has not said yet whether they still want emails."
        assert reads(hubspot) == 1, "the first failure ends the round"
    with time_machine.travel(begun + dt.timedelta(minutes=61), tick=False):
        Registration.objects.update(details_read_at=timezone.now())
        send_mailing(mailing)
    assert recipients() == set()
    row.refresh_from_db()
    assert row.state == Recipient.State.SKIPPED
    assert row.reason == "HubSpot did not say within an hour whether they still want emails."


def test_a_token_that_is_refused_is_not_tried_again_and_again(
    hubspot: HubSpotProcess, portal: Portal, mailing: Mailing
) -> None:
    hubspot.control("POST", "revoke")
    begun = timezone.now()
    send_mailing(mailing)
    assert Portal.objects.get().state == Portal.State.TOKEN_REFUSED
    assert reads(hubspot) == 1
    with time_machine.travel(begun + dt.timedelta(minutes=2), tick=False):
        send_mailing(mailing)
    assert reads(hubspot) == 1 and recipients() == set()
    # Replaced in time, it is queried again.
    hubspot.control("POST", "revoke", {"on": False})
    Portal.objects.update(state=Portal.State.CONNECTED)
    with time_machine.travel(begun + dt.timedelta(minutes=4), tick=False):
        send_mailing(mailing)
    assert recipients() == people(0, 1, 2, 3, 4, 5)


def test_the_mailing_goes_on_when_hubspot_answers_again(
    hubspot: HubSpotProcess, portal: Portal, mailing: Mailing
) -> None:
    unsubscribe(hubspot, "p4@example.com")
    hubspot.control("POST", "fail", {"next": 1, "status": 503})
    send_mailing(mailing)
    assert recipients() == set()
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=2)):
        Registration.objects.update(details_read_at=timezone.now())
        send_mailing(mailing)
    assert recipients() == people(0, 1, 2, 3, 5)


def test_without_a_portal_no_one_is_asked(hubspot: HubSpotProcess, mailing: Mailing) -> None:
    send_mailing(mailing)
    assert recipients() == people(0, 1, 2, 3, 4, 5)
    portal = connect(hubspot)
    access.disconnect(portal)
    assert HubSpotOptOuts().to_check([contact(0).pk]) == []
    assert hubspot.calls() == []


def test_another_address_is_asked_for_before_the_next_mailing(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    person, other = ContactFactory.create(), ContactFactory.create()
    source = HubSpotOptOuts()
    assert source.refresh(source.to_check([person.pk, other.pk]))
    assert source.to_check([person.pk, other.pk]) == []
    person.email = "new@example.com"
    person.save()
    assert [row.contact_id for row in source.to_check([person.pk, other.pk])] == [person.pk]
    assert source.refresh(source.to_check([person.pk]))
    merged = merge(person.pk, other.pk, [], None)
    assert [row.contact_id for row in source.to_check([person.pk])] == [person.pk]
    undo(merged.pk)
    assert Contact.objects.filter(pk=other.pk).exists()


def test_someone_deleted_in_the_meantime_costs_no_one_else(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    person, other = ContactFactory.create(), ContactFactory.create()
    source = HubSpotOptOuts()
    asked = source.to_check([person.pk, other.pk])
    person.delete()
    assert source.refresh(asked)
    assert [row.contact_id for row in OptOutCheck.objects.all()] == [other.pk]
