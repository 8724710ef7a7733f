"""A deleted contact stays deleted, whatever a sync meets afterwards (rule 5)."""

import datetime as dt

import pytest
from django.utils import timezone

from contacts.deletion import delete_contacts
from contacts.matching import ids_by_email
from contacts.models import Contact, Tombstone
from tests.fake_goto import HOUR, FakeGoTo, make_webinar
from tests.open_issues import PEOPLES_DATA, awaits
from webinars.models import Registration, Webinar


@pytest.fixture
def webinar(db: None) -> Webinar:
    return make_webinar()


def delete(contact: Contact, at: dt.datetime) -> None:
    """Delete `contact` as if it had been at the time `at`."""
    delete_contacts(Contact.objects.filter(pk=contact.pk))
    Tombstone.objects.update(deleted_at=at)


@pytest.mark.rule(5)
@awaits(PEOPLES_DATA)
def test_attending_does_not_bring_a_deleted_contact_back(webinar: Webinar) -> None:
    goto, now = FakeGoTo(), timezone.now()
    ada = goto.register("ada@example.com", now - 5 * HOUR)
    assert goto.sync(webinar).state == "done"
    delete(Contact.objects.get(), now - 2 * HOUR)
    goto.hold_session(now - HOUR, now - HOUR / 2, [ada])
    assert goto.sync(webinar).state == "done"
    assert not Contact.objects.exists()


@pytest.mark.rule(5)
@awaits(PEOPLES_DATA)
@pytest.mark.parametrize("for_good", [False, True])
def test_an_address_corrected_long_ago_does_not_bring_them_back(
    webinar: Webinar, for_good: bool
) -> None:
    goto = FakeGoTo()
    goto.register("typo@example.com", timezone.now() - 5 * HOUR)
    goto.sync(webinar)
    contact = Contact.objects.get()
    contact.email = "right@example.com"
    contact.save()
    delete_contacts(Contact.objects.all(), for_good=for_good)
    goto.sync(webinar)
    assert not Contact.objects.exists()


@pytest.mark.rule(3)
@awaits(PEOPLES_DATA)
def test_a_contact_is_matched_by_an_address_it_had(webinar: Webinar) -> None:
    contact = Contact.objects.create(email="typo@example.com", first_name="A", last_name="B")
    contact.email = "right@example.com"
    contact.save()
    assert ids_by_email(["typo@example.com"]) == {"typo@example.com": contact.pk}


@pytest.mark.rule(5)
def test_a_newer_registration_brings_a_deleted_contact_back(webinar: Webinar) -> None:
    goto, now = FakeGoTo(), timezone.now()
    goto.register("ada@example.com", now - 5 * HOUR)
    goto.sync(webinar)
    delete(Contact.objects.get(), now - 2 * HOUR)
    goto.sync(webinar)
    assert not Contact.objects.exists()
    goto.registrants.clear()
    goto.register("ada@example.com", now - HOUR)
    goto.sync(webinar)
    assert Contact.objects.get().email == "ada@example.com"


def test_attendance_by_a_key_from_before_a_cancellation_is_read_at_once(webinar: Webinar) -> None:
    """They attended, cancelled and registered anew, and only then a sync looks."""
    goto, now = FakeGoTo(), timezone.now()
    before = goto.register("ada@example.com", now - 5 * HOUR)
    goto.hold_session(now - HOUR, now - HOUR / 2, [before])
    goto.registrants.clear()
    goto.register("ada@example.com", now, registrantKey="200")
    goto.sync(webinar)
    assert Registration.objects.get().sessions_attended == 1
