"""Registrations from a HubSpot form, with the simulated portal: each submission once."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from contacts import deletion
from contacts.consents import latest_consents
from contacts.models import Contact
from contacts.timeline import describe
from destinations.hubspot import form_intake, form_values
from destinations.hubspot.form_mapping import guessed, targets_of
from destinations.hubspot.form_switch import FieldsNeeded, save_mapping, switch_off, switch_on
from destinations.hubspot.forms_client import HubSpotField, HubSpotForm
from destinations.models import FormSource, Portal, ReceivedSubmission
from registration_forms.models import Submission
from registration_forms.registrations import submit
from simulators.hubspot.process import HubSpotProcess
from sync import tasks
from tests.destinations.portal import Killed
from tests.factories import ContactFactory, InternalAddressFactory, WebinarFactory
from webinars.models import Registration, Webinar

pytestmark = pytest.mark.django_db(transaction=True)
FORM = "Spring form"
NAMES = {"firstname": "Ada", "lastname": "King"}
MAPPING = {"email": "email", "first_name": "firstname", "last_name": "lastname"}


def on(
    hubspot: HubSpotProcess, portal: Portal, webinar: Webinar | None = None, **values: Any
) -> FormSource:
    """Return a form that registers for a webinar, switched on a minute ago."""
    made = hubspot.control(
        "POST", "form", {"name": FORM, "fields": [["company", "Company"], ["agree", "Emails?"]]}
    )
    form = HubSpotForm(str(made["id"]), FORM)
    webinar = webinar or WebinarFactory.create()
    source = save_mapping(portal, webinar, form, MAPPING, **values)
    switch_on(source)
    FormSource.objects.update(enabled_at=timezone.now() - dt.timedelta(minutes=1))
    source.refresh_from_db()
    return source


def send(hubspot: HubSpotProcess, email: str = "ada@example.com", **values: str) -> int:
    """Submit the form, and return when, in milliseconds."""
    body = {"email": email, "form": FORM, "contact": False, "values": NAMES | values}
    return int(hubspot.control("POST", "submit-form", body)["submitted_at"])


def poll() -> int:
    FormSource.objects.update(next_poll_at=timezone.now())
    return form_intake.poll_due()


@pytest.mark.rule(6)
def test_a_submission_becomes_a_registration_with_its_source_and_time(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    source = on(hubspot, portal)
    sent_at = send(hubspot, "Ada@example.com ", company="Acme", agree="true")
    assert poll() == 1
    registration = Registration.objects.get()
    assert registration.webinar == source.webinar
    assert registration.state == Registration.State.PENDING
    assert registration.submitted["email"] == "Ada@example.com"
    assert "organization" not in registration.submitted
    submission = Submission.objects.get()
    assert submission.submitted_at.timestamp() * 1000 == pytest.approx(sent_at, abs=1)
    activity = registration.contact.activities.get(kind="submitted")
    assert describe(activity).text == f"Filled in: HubSpot form {FORM}"
    assert activity.happened_at == submission.submitted_at
    # Consent counts only if it is mapped (rule 11).
    assert latest_consents([registration.contact_id]) == {}


@pytest.mark.rule(11)
@pytest.mark.parametrize(("given", "agreed"), [("true", True), ("Yes", True), ("No", False)])
def test_consent_counts_where_it_is_mapped(
    hubspot: HubSpotProcess, portal: Portal, given: str, agreed: bool
) -> None:
    on(hubspot, portal, consent_field="agree")
    send(hubspot, agree=given)
    poll()
    contact = Contact.objects.get()
    consent = latest_consents([contact.pk]).get(contact.pk)
    assert (consent is not None and consent.granted is True) == agreed
    if consent is not None:
        assert FORM in consent.text_version


def test_each_submission_is_taken_once_and_a_new_one_of_the_same_person_too(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    on(hubspot, portal)
    send(hubspot)
    send(hubspot, "bo@example.com")
    assert [poll(), poll()] == [2, 0]
    send(hubspot)
    assert [poll(), poll()] == [1, 0]
    assert Registration.objects.count() == 2
    assert Submission.objects.count() == 3


def test_only_events_after_switching_on_are_accepted_and_switching_off_stops(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    source = on(hubspot, portal)
    early = (timezone.now() - dt.timedelta(minutes=2)).timestamp() * 1000
    body = {"email": "early@example.com", "form": FORM, "contact": False, "values": NAMES}
    hubspot.control("POST", "submit-form", body | {"submitted_at": int(early)})
    assert poll() == 0
    switch_off(source)
    send(hubspot)
    assert poll() == 0
    assert not form_intake.is_active()
    source.refresh_from_db()
    switch_on(source)
    assert poll() == 0
    send(hubspot, "late@example.com")
    poll()
    assert Contact.objects.get().email == "late@example.com"


def test_pages_are_read_to_the_end_oldest_first(hubspot: HubSpotProcess, portal: Portal) -> None:
    on(hubspot, portal)
    people = [f"p{number:03}@example.com" for number in range(120)]
    for email in people:
        send(hubspot, email)
    assert poll() == 120
    found = Registration.objects.order_by("registered_at").values_list("contact__email", flat=True)
    assert list(found) == people


@pytest.mark.rule(10)
def test_one_that_cannot_be_understood_is_skipped_named_and_retried(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    source = on(hubspot, portal)
    for email, values in (
        ("nobody", {}),
        ("", {}),
        ("x@example.com", {"firstname": "", "lastname": ""}),
        ("y@example.com", {"firstname": "Win at www.example.com"}),
    ):
        send(hubspot, email, **values)
    send(hubspot)
    assert poll() == 1
    skipped = source.submissions.skipped()
    assert sorted(skipped.values_list("reason_code", flat=True)) == sorted(
        [
            form_values.BAD_EMAIL,
            form_values.NO_EMAIL,
            form_values.MISSING,
            form_values.ADVERTISEMENT,
        ]
    )
    assert "First name" in skipped.get(reason_code=form_values.MISSING).reason
    assert not skipped.filter(key__contains="@").exists()
    # Failed submissions are retried once they are readable: here by another field.
    calls = len(hubspot.calls())
    assert poll() == 0
    assert len(hubspot.calls()) == calls + 1
    mapping = MAPPING | {"first_name": "email", "last_name": "email"}
    save_mapping(portal, source.webinar, HubSpotForm(source.form_id, FORM), mapping)
    assert skipped.filter(attempts=1).count() == 4
    poll()
    assert skipped.filter(attempts=2).count() == 4


@pytest.mark.rule(10)
def test_what_was_skipped_is_registered_once_it_can_be(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    source = on(hubspot, portal)
    send(hubspot, "x@example.com", firstname="", company="Ada")
    assert poll() == 0
    later = timezone.now() + dt.timedelta(hours=2)
    with time_machine.travel(later):
        send(hubspot, "other@example.com")
        form = HubSpotForm(source.form_id, FORM)
        save_mapping(portal, source.webinar, form, MAPPING | {"first_name": "company"})
        poll()
    contact = Contact.objects.get(email="x@example.com")
    assert contact.first_name == "Ada"
    assert source.submissions.taken().count() == 1


@pytest.mark.rule(5)
@pytest.mark.parametrize("permanent", [False, True])
def test_only_a_submission_newer_than_the_deletion_brings_a_person_back(
    hubspot: HubSpotProcess, portal: Portal, permanent: bool
) -> None:
    source = on(hubspot, portal)
    ContactFactory.create(email="ada@example.com")
    send(hubspot)
    deletion.delete_contacts(Contact.objects.all(), permanent=permanent)
    assert poll() == 0
    assert not Contact.objects.exists()
    assert source.submissions.get().reason_code == form_values.DELETED
    send(hubspot)
    assert poll() == 1
    assert Contact.objects.get().email == "ada@example.com"


@pytest.mark.rule(5)
def test_a_person_erased_after_registering_is_not_taken_again(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    on(hubspot, portal)
    send(hubspot)
    assert poll() == 1
    deletion.delete_contacts(Contact.objects.all(), permanent=True)
    assert poll() == 0
    assert not Contact.objects.exists()


@pytest.mark.rule(3)
def test_an_existing_contact_is_not_changed_and_internal_people_are_marked(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    on(hubspot, portal)
    InternalAddressFactory.create(text="example.com")
    contact = ContactFactory.create(email="ada@example.com", first_name="Augusta")
    send(hubspot)
    poll()
    contact.refresh_from_db()
    assert contact.first_name == "Augusta"
    assert Registration.objects.get().is_internal


def test_a_past_webinar_accepts_no_one(hubspot: HubSpotProcess, portal: Portal) -> None:
    source = on(hubspot, portal, WebinarFactory.create(past=True))
    send(hubspot)
    assert poll() == 0
    assert source.submissions.get().reason_code == form_values.CLOSED
    assert not Registration.objects.exists()


def test_a_deleted_form_and_a_missing_scope_are_reported_with_hubspots_message(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    source = on(hubspot, portal)
    hubspot.control("POST", "scopes", {"missing": ["forms"]})
    poll()
    source.refresh_from_db()
    assert "forms" in source.error
    assert "scopes" in source.platform_message
    hubspot.control("POST", "scopes", {"missing": []})
    send(hubspot)
    assert poll() == 1
    source.refresh_from_db()
    assert not source.error
    hubspot.control("POST", "form", {"name": FORM, "removed": True})
    assert poll() == 0
    source.refresh_from_db()
    assert "deleted in HubSpot" in source.error
    assert source.platform_message
    assert source.next_poll_at is not None
    assert source.next_poll_at > timezone.now() + dt.timedelta(minutes=4)


def test_forms_are_read_every_20_seconds_and_rarely_in_the_last_tenth_of_a_day(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    source = on(hubspot, portal)

    def pause() -> float:
        poll()
        source.refresh_from_db()
        assert source.next_poll_at is not None
        return (source.next_poll_at - timezone.now()).total_seconds()

    assert pause() == pytest.approx(20, abs=3)
    assert form_intake.poll_due() == 0
    Portal.objects.update(daily_limit=1000, daily_remaining=99, daily_read_at=timezone.now())
    hubspot.control("POST", "rate-limit", {"daily": 0})
    assert pause() == pytest.approx(300, abs=3)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_worker_killed_between_read_and_write_loses_and_doubles_no_one(
    hubspot: HubSpotProcess, portal: Portal, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(hubspot, portal)
    people = [f"p{number}@example.com" for number in range(4)]
    for email in people:
        send(hubspot, email)
    count = 0

    def killed(*args: Any) -> Submission:
        nonlocal count
        count += 1
        if count == 3 and when == "before":
            raise Killed
        made = submit(*args)
        if count == 3:
            raise Killed
        return made

    with monkeypatch.context() as patch:
        patch.setattr(form_intake, "submit", killed)
        with pytest.raises(Killed):
            poll()
    assert Registration.objects.count() == 2
    # The claim expires automatically.
    assert form_intake.poll_due() == 0
    with time_machine.travel(timezone.now() + form_intake.CLAIM):
        assert form_intake.poll_due() == 2
    assert sorted(Contact.objects.values_list("email", flat=True)) == people
    assert Submission.objects.count() == 4
    assert ReceivedSubmission.objects.taken().count() == 4


def test_two_workers_that_read_the_same_take_each_person_once(
    hubspot: HubSpotProcess, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second reads everything before the first has written anything."""
    source = on(hubspot, portal)
    for number in range(5):
        send(hubspot, f"p{number}@example.com")
    read = form_intake._read
    done: list[int] = []

    def slowly(*args: Any) -> Any:
        found = read(*args)
        if not done:
            done.append(0)
            done[0] = form_intake.poll(source)
        return found

    monkeypatch.setattr(form_intake, "_read", slowly)
    assert poll() == 0
    assert done == [5]
    assert Submission.objects.count() == 5


def test_required_fields_of_the_webinar_are_asked_for(portal: Portal) -> None:
    """Report 9: an additional required field loses no registration."""
    webinar = WebinarFactory.create()
    webinar.form_fields = {
        "fields": [
            {"name": "organization", "required": True, "max_size": 128, "answers": []},
            {"name": "phone", "required": False, "max_size": 128, "answers": []},
        ],
        "questions": [
            {"key": "q1", "question": "Your plan?", "required": True,
             "kind": "shortAnswer", "answers": [], "max_size": 128},
        ],
    }  # fmt: skip
    webinar.save()
    form = HubSpotForm("f", FORM, (
        HubSpotField("email", "Work email"), HubSpotField("firstname", "Given"),
        HubSpotField("lastname", "Family"), HubSpotField("company", "Where do you work"),
        HubSpotField("x1", "Your plan"), HubSpotField("mobile", "Phone"),
    ))  # fmt: skip
    assert guessed(webinar, form) == {
        **MAPPING, "organization": "company", "question_q1": "x1", "phone": "mobile",
    }  # fmt: skip
    assert {each.key for each in targets_of(webinar) if each.required} == {
        *MAPPING, "organization", "question_q1",
    }  # fmt: skip
    source = save_mapping(portal, webinar, form, MAPPING | {"organization": "company"})
    with pytest.raises(FieldsNeeded) as needed:
        switch_on(source)
    assert [each.label for each in needed.value.targets] == ["Your plan?"]
    assert not FormSource.objects.get().enabled


def test_the_pushers_loop_reads_forms(hubspot: HubSpotProcess, portal: Portal) -> None:
    on(hubspot, portal)
    send(hubspot)
    slept: list[float] = []
    assert tasks.poll_intakes(0.0, slept.append) == 1
    assert slept == []
    send(hubspot, "bo@example.com")
    FormSource.objects.update(next_poll_at=timezone.now() - dt.timedelta(seconds=30))
    tasks.sweep_pushes()
    assert Contact.objects.count() == 2
