"""Form registrations on their way to GoToWebinar."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from contacts.deletion import delete_contacts
from contacts.models import Activity, Contact, Tombstone
from core.emails import email_key
from registration_forms.models import Submission
from registration_forms.registrations import FormData, submit
from simulators.gotowebinar.process import SimulatorProcess
from sync import tasks
from sync.push.push import CLAIM, push
from sync.push.request import delay
from tests.fixtures.goto import run_sync
from webinars.models import Registration, Webinar

ByLabel = Callable[[str], Webinar]
State = Registration.State
ANNA = {
    "first_name": "Anna",
    "last_name": "Ångström",
    "email": "Anna@Example.com",
    "organization": "Acme",
    "job_title": "CTO",
    "country": "Sweden",
}


@pytest.mark.rule(1)
@pytest.mark.rule(2)
def test_a_registration_arrives_with_all_its_properties(
    simulator: SimulatorProcess, webinar: ByLabel
) -> None:
    upcoming = webinar("upcoming")
    submission = submit(upcoming, FormData(ANNA))
    assert submission.registration.state == State.PENDING
    assert tasks.push_waiting() == 1
    registration = Registration.objects.get(pk=submission.registration_id)
    assert registration.state == State.REGISTERED
    assert registration.join_url.startswith("http")
    there = {email_key(p["email"]): p for p in simulator.truth(upcoming.key)["registrants"]}
    assert there["anna@example.com"]["fields"]["organization"] == "Acme"
    assert there["anna@example.com"]["fields"]["jobTitle"] == "CTO"
    kinds = set(registration.contact.activities.values_list("kind", flat=True))
    assert kinds == {"submitted", "registered"}


@pytest.mark.parametrize("with_key", [True, False])
def test_pushed_twice_is_still_one(
    simulator: SimulatorProcess, webinar: ByLabel, with_key: bool
) -> None:
    upcoming = webinar("upcoming")
    simulator.control("POST", "duplicates-carry-key", {"on": with_key})
    registration = submit(upcoming, FormData(ANNA)).registration
    push(registration.pk)
    registration.refresh_from_db()
    key = registration.registrant_key
    # As after a kill between GoTo's answer and our transaction.
    Registration.objects.filter(pk=registration.pk).update(
        state=State.PENDING, registrant_key="", join_url="", next_push_at=timezone.now()
    )
    push(registration.pk)
    registration.refresh_from_db()
    assert (registration.state, registration.registrant_key) == (State.REGISTERED, key)
    people = [email_key(p["email"]) for p in simulator.truth(upcoming.key)["registrants"]]
    assert people.count("anna@example.com") == 1


@pytest.mark.rule(6)
def test_a_full_webinar_keeps_the_person_as_overflow(webinar: ByLabel) -> None:
    registration = submit(webinar("full"), FormData(ANNA)).registration
    push(registration.pk)
    registration.refresh_from_db()
    assert registration.state == State.OVERFLOW
    assert registration.platform_message
    assert registration.contact.activities.filter(kind=Activity.Kind.OVERFLOW).exists()


def test_a_refusal_is_reported_with_gotos_message_and_fields(webinar: ByLabel) -> None:
    registration = submit(
        webinar("required"),
        FormData({name: ANNA[name] for name in ("first_name", "last_name", "email")}),
    ).registration
    push(registration.pk)
    registration.refresh_from_db()
    assert registration.state == State.REJECTED
    assert "organization" in registration.rejected_fields
    assert registration.platform_message
    line = registration.contact.activities.get(kind=Activity.Kind.REJECTED)
    assert line.data["words"] == registration.platform_message


def test_approval_by_hand_is_awaited(webinar: ByLabel) -> None:
    registration = submit(webinar("approval"), FormData(ANNA)).registration
    push(registration.pk)
    registration.refresh_from_db()
    assert registration.state == State.AWAITING


def test_a_transient_error_leaves_it_pending_with_a_next_try(
    simulator: SimulatorProcess, webinar: ByLabel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platforms.gotowebinar.retry.sleep", lambda seconds: None)
    registration = submit(webinar("upcoming"), FormData(ANNA)).registration
    simulator.control("POST", "fail", {"method": "POST", "path": "registrants", "count": 100})
    push(registration.pk)
    registration.refresh_from_db()
    assert registration.state == State.PENDING
    assert registration.problem and registration.next_push_at is not None
    assert registration.next_push_at > timezone.now()
    assert not push(registration.pk), "not due yet"
    simulator.control("POST", "fail/clear")
    Registration.objects.filter(pk=registration.pk).update(next_push_at=timezone.now())
    assert tasks.push_waiting() == 1
    registration.refresh_from_db()
    assert registration.state == State.REGISTERED


@pytest.mark.rule(1)
def test_a_lost_push_is_due_again_within_five_minutes() -> None:
    sweep = dt.timedelta(minutes=1)
    assert CLAIM + sweep < dt.timedelta(minutes=5)
    assert all(delay(tries) + sweep <= dt.timedelta(minutes=5) for tries in range(1, 50))


def test_an_address_held_by_someone_else_is_respected(webinar: ByLabel) -> None:
    registration = submit(webinar("upcoming"), FormData(ANNA)).registration
    Registration.objects.filter(pk=registration.pk).update(next_push_at=timezone.now() + CLAIM)
    assert not push(registration.pk)


@pytest.mark.rule(3)
def test_a_known_contact_is_unchanged_and_submitted_values_stay(webinar: ByLabel) -> None:
    contact = Contact.objects.create(email="anna@example.com", first_name="A", last_name="Å")
    submission = submit(webinar("upcoming"), FormData(ANNA))
    contact.refresh_from_db()
    assert (contact.first_name, contact.organization) == ("A", "")
    assert submission.registration.contact == contact
    assert submission.registration.submitted["organization"] == "Acme"


@pytest.mark.rule(5)
def test_a_permanently_erased_person_returns_as_a_new_one(webinar: ByLabel) -> None:
    upcoming = webinar("upcoming")
    submit(upcoming, FormData(ANNA))
    delete_contacts(Contact.objects.all(), permanent=True)
    assert list(Tombstone.objects.values_list("permanent", flat=True)) == [True]
    assert not Contact.objects.exists() and not Submission.objects.exists()
    submission = submit(upcoming, FormData(ANNA))
    assert (
        submission.created_by_form and submission.registration.state == Registration.State.PENDING
    )
    assert Contact.objects.get().source == Contact.Source.FORM


@pytest.mark.rule(6)
def test_a_sync_finds_a_person_who_got_a_seat_later(
    simulator: SimulatorProcess, webinar: ByLabel
) -> None:
    full = webinar("full")
    registration = submit(full, FormData(ANNA)).registration
    push(registration.pk)
    simulator.control("POST", "set-limit", {"webinar": full.key, "limit": 5000})
    simulator.control(
        "POST",
        "register",
        {"webinar": full.key, "email": "anna@example.com", "firstName": "A", "lastName": "B"},
    )
    run_sync(full)
    registration.refresh_from_db()
    assert registration.state == State.REGISTERED
    assert registration.contact.activities.filter(kind=Activity.Kind.PROMOTED).exists()


def test_someone_already_on_goto_is_not_shown_to_who_types_the_address(
    simulator: SimulatorProcess, webinar: ByLabel
) -> None:
    upcoming = webinar("upcoming")
    Webinar.objects.filter(pk=upcoming.pk).update(form_enabled=True)
    person = simulator.truth(upcoming.key)["registrants"][0]
    names = {"first_name": "Not", "last_name": "Them"}
    submission = submit(upcoming, FormData({**names, "email": person["email"]}))
    push(submission.registration.pk)
    registration = Registration.objects.get()
    assert registration.state == State.REGISTERED and registration.join_url
    page = Client().get(f"/register/{upcoming.slug}/{submission.secret}/").content.decode()
    assert registration.join_url not in page.replace("&amp;", "&")
