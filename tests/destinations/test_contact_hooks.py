"""How handed-over data follows merges and deletions (rules 5 and 12)."""

import pytest

from contacts import deletion, merge
from contacts.models import Contact
from destinations.hubspot.contacts import resolve
from destinations.hubspot.handover_rows import plan_webinar
from destinations.models import (
    GoneAddress,
    HubSpotContact,
    MarketingEvent,
    Participation,
    Portal,
    WebinarHandover,
)
from simulators.hubspot.process import HubSpotProcess
from tests.destinations.portal import deliver, send, states, switched_on
from tests.factories import ContactFactory, RegistrationFactory, WebinarFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rule(5, 12)]


def test_two_merged_contacts_are_written_once_and_can_be_separated(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    webinar = WebinarFactory.create()
    survivor = RegistrationFactory.create(
        webinar=webinar, contact__email="kept@example.com"
    ).contact
    row = switched_on(portal, webinar)
    send(row)
    gone = RegistrationFactory.create(webinar=webinar, contact__email="gone@example.com").contact
    done = merge.merge(survivor.pk, gone.pk, (), None)
    deliver()
    send(row)
    assert states(hubspot) == [("kept@example.com", "REGISTERED")]
    merge.undo(done.pk)
    deliver()
    send(row)
    assert {email for email, _state in states(hubspot)} == {"kept@example.com", "gone@example.com"}
    assert len(states(hubspot)) == 2


def test_both_existing_contacts_keep_their_data(hubspot: HubSpotProcess, portal: Portal) -> None:
    webinar = WebinarFactory.create()
    pair = [
        RegistrationFactory.create(webinar=webinar, contact__email=f"{name}@example.com").contact
        for name in ("kept", "gone")
    ]
    row = switched_on(portal, webinar)
    send(row)
    before = states(hubspot)
    done = merge.merge(pair[0].pk, pair[1].pk, (), None)
    send(row)
    assert states(hubspot) == before
    assert HubSpotContact.objects.get().email_key == "kept@example.com"
    merge.undo(done.pk)
    assert HubSpotContact.objects.count() == 2
    assert Participation.objects.count() == 2


def test_a_merge_is_undone_whose_columns_belong_together(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    """Nothing was sent of the survivor yet: the row has the sent data of the other."""
    webinar = WebinarFactory.create()
    gone = RegistrationFactory.create(webinar=webinar, contact__email="gone@example.com")
    row = switched_on(portal, webinar)
    send(row)
    survivor = RegistrationFactory.create(
        webinar=webinar, contact__email="kept@example.com", registered_at=gone.registered_at
    )
    plan_webinar(row.pk)
    done = merge.merge(survivor.contact.pk, gone.contact.pk, (), None)
    assert Participation.objects.get().state != Participation.State.PENDING
    merge.undo(done.pk)
    found = {item.contact_id: item.state for item in Participation.objects.all()}
    assert found[survivor.contact.pk] == Participation.State.PENDING
    assert found[gone.contact.pk] != Participation.State.PENDING


def test_erasure_leaves_nothing_but_a_hash(hubspot: HubSpotProcess, portal: Portal) -> None:
    registration = RegistrationFactory.create(contact__email="erased@example.com")
    row = switched_on(portal, registration.webinar)
    send(row)
    words = "Contact erased@example.com was refused"
    WebinarHandover.objects.update(platform_message=words)
    MarketingEvent.objects.update(platform_message=words)
    Portal.objects.update(platform_message=words)
    other = ContactFactory.create()
    HubSpotContact.objects.create(
        portal=portal, contact=other, state="refused", reason_code="handover.refused",
        hubspot_message=words, email_key="erased@example.com",
    )  # fmt: skip
    GoneAddress.objects.create(portal=portal, email_hash="0" * 64)
    deletion.delete_contacts(Contact.objects.filter(pk=registration.contact.pk), permanent=True)
    assert not Participation.objects.exists()
    (left,) = HubSpotContact.objects.all()
    assert (left.contact, left.email_key, left.hubspot_message) == (other, "", "")
    for model in (WebinarHandover, MarketingEvent, Portal):
        assert model._default_manager.get().platform_message == ""
    assert GoneAddress.objects.exists()
    # And nothing of theirs is sent any more.
    deliver()
    made = len(states(hubspot))
    send(row)
    assert len(states(hubspot)) == made


def test_no_one_is_created_there_who_was_deleted_here_in_the_meantime(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    from destinations.hubspot.access import client_for

    contact = ContactFactory.create(email="late@example.com")
    pk = contact.pk
    contact.delete()
    resolve(client_for(portal), portal, [pk])
    assert not HubSpotContact.objects.exists()
    assert "late@example.com" not in str(hubspot.truth()["contacts"])


def test_two_contacts_who_are_one_on_hubspot_are_handed_over_once(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    hubspot.control(
        "POST", "contact", {"email": "a@example.com", "additional_emails": ["b@example.com"]}
    )
    webinar = WebinarFactory.create()
    for name in ("a", "b"):
        RegistrationFactory.create(webinar=webinar, contact__email=f"{name}@example.com")
    row = switched_on(portal, webinar)
    send(row)
    send(row)
    assert states(hubspot) == [("a@example.com", "REGISTERED")]
    left = Participation.objects.get(state="left_out")
    assert left.reason_code == "handover.same-contact"
