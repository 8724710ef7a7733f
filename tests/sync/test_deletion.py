"""A deleted contact stays deleted, regardless of later syncs (rule 5)."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from contacts.deletion import delete_contacts
from contacts.matching import ids_by_email
from contacts.models import AlternateEmail, Contact, Tombstone
from contacts.tombstones import tombstones_of
from registration_forms.models import Submission
from tests.factories import RegistrationFactory
from tests.fake_goto import HOUR, FakeGoTo, Row, make_webinar
from webinars.models import Registration, Webinar


@pytest.fixture
def webinar(db: None) -> Webinar:
    return make_webinar()


def delete(contact: Contact, at: dt.datetime) -> None:
    """Delete `contact` as if at the time `at`."""
    delete_contacts(Contact.objects.filter(pk=contact.pk))
    Tombstone.objects.update(deleted_at=at)


@pytest.mark.rule(5)
def test_attending_does_not_bring_a_deleted_contact_back(webinar: Webinar) -> None:
    goto, now = FakeGoTo(), timezone.now()
    ada = goto.register("ada@example.com", now - 5 * HOUR)
    assert goto.sync(webinar).state == "done"
    delete(Contact.objects.get(), now - 2 * HOUR)
    goto.hold_session(now - HOUR, now - HOUR / 2, [ada])
    assert goto.sync(webinar).state == "done"
    assert not Contact.objects.exists()


def survey(goto: FakeGoTo, ada: Row, session: Row) -> None:
    answers = [{"question": "Good?", "answers": ["Yes"]}]
    place = session["sessionKey"], ada["registrantKey"]
    goto.surveys[place], goto.polls[place] = answers, answers
    goto.sessions[-1]["totalPollCount"] = 1


def question(goto: FakeGoTo, ada: Row, session: Row) -> None:
    goto.questions.append(
        {
            "askerKey": ada["registrantKey"],
            "question": "Why?",
            "dateAsked": session["startTime"],
            "answers": [],
        }
    )


@pytest.mark.rule(5)
@pytest.mark.parametrize("add_activity", [survey, question])
@pytest.mark.parametrize("listed", [True, False])
def test_nothing_from_a_session_brings_a_deleted_contact_back(
    webinar: Webinar, add_activity: Any, listed: bool
) -> None:
    goto, now = FakeGoTo(), timezone.now()
    ada = goto.register("ada@example.com", now - 5 * HOUR)
    goto.sync(webinar)
    delete(Contact.objects.get(), now - 2 * HOUR)
    add_activity(goto, ada, goto.hold_session(now - HOUR, now - HOUR / 2, [ada]))
    if not listed:
        # GoTo does not have them any more: the registration time is unknown.
        goto.registrants.clear()
    assert goto.sync(webinar).state == "done"
    assert not Contact.objects.exists()


@pytest.mark.rule(3, 4)
def test_who_attended_and_is_not_on_the_list_has_their_own_date(webinar: Webinar) -> None:
    goto, now = FakeGoTo(), timezone.now().replace(microsecond=0)
    ada = goto.register("ada@example.com", now - 5 * HOUR, unlisted=True, phone="+33 1")
    goto.hold_session(now - HOUR, now - HOUR / 2, [ada])
    goto.sync(webinar)
    registration = Registration.objects.get()
    assert registration.registered_at == now - 5 * HOUR
    assert (registration.sessions_attended, registration.cancelled_at) == (1, None)
    assert registration.contact.phone == "+33 1"
    assert goto.calls.count(f"registrants/{ada['registrantKey']}") == 1, "read once"


@pytest.mark.rule(5)
def test_data_from_before_an_erasure_stays_deleted_when_the_person_returns(
    webinar: Webinar,
) -> None:
    """They registered with our form again: no earlier data is read."""
    goto, now = FakeGoTo(), timezone.now()
    ada = goto.register("ada@example.com", now - 5 * HOUR)
    goto.hold_session(now - 3 * HOUR, now - 2 * HOUR, [ada])
    goto.sync(webinar)
    delete_contacts(Contact.objects.all(), permanent=True)
    Contact.objects.create(email="ada@example.com", first_name="Ada", last_name="Lovelace")
    goto.sync(webinar)
    assert not Registration.objects.exists()
    goto.register("ada@example.com", timezone.now() + HOUR / 2)
    goto.sync(webinar)
    assert Registration.objects.get().sessions_attended == 0


@pytest.mark.rule(3)
def test_a_registrant_with_a_former_address_is_no_second_contact(webinar: Webinar) -> None:
    goto, now = FakeGoTo(), timezone.now()
    goto.register("typo@example.com", now - 5 * HOUR)
    goto.sync(webinar)
    contact = Contact.objects.get()
    contact.email = "right@example.com"
    contact.save()
    Registration.objects.all().delete()
    goto.sync(webinar)
    assert Registration.objects.get().contact == contact


@pytest.mark.rule(5)
@pytest.mark.parametrize("kind", ["registration", "submission", "former address"])
def test_a_deletion_suppresses_every_address_they_ever_submitted(
    webinar: Webinar, kind: str
) -> None:
    contact = Contact.objects.create(email="right@example.com", first_name="A", last_name="B")
    registration = RegistrationFactory.create(contact=contact, webinar=webinar)
    if kind == "registration":
        Registration.objects.update(submitted={"email": " Typo@example.com "})
    elif kind == "submission":
        Submission.objects.create(
            registration=registration, submitted={"email": "Typo@example.com"}
        )
    else:
        AlternateEmail.objects.create(
            contact=contact, email="Typo@example.com", email_key="typo@example.com"
        )
    contact.delete()
    assert set(tombstones_of(["typo@example.com", "right@example.com"])) == {
        "typo@example.com",
        "right@example.com",
    }


@pytest.mark.rule(5)
@pytest.mark.parametrize("permanent", [False, True])
def test_an_address_corrected_long_ago_does_not_bring_them_back(
    webinar: Webinar, permanent: bool
) -> None:
    goto = FakeGoTo()
    goto.register("typo@example.com", timezone.now() - 5 * HOUR)
    goto.sync(webinar)
    contact = Contact.objects.get()
    contact.email = "right@example.com"
    contact.save()
    delete_contacts(Contact.objects.all(), permanent=permanent)
    goto.sync(webinar)
    assert not Contact.objects.exists()


@pytest.mark.rule(3)
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
    """They attended, cancelled and registered again before the next sync."""
    goto, now = FakeGoTo(), timezone.now()
    before = goto.register("ada@example.com", now - 5 * HOUR)
    goto.hold_session(now - HOUR, now - HOUR / 2, [before])
    goto.registrants.clear()
    goto.register("ada@example.com", now, registrantKey="200")
    goto.sync(webinar)
    assert Registration.objects.get().sessions_attended == 1
