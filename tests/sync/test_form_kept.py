"""The form's fields, stored by the sync; and what is sent of them."""

from collections.abc import Callable

import pytest

from platforms.client_factory import client_for
from registration_forms import fields as formfields
from registration_forms import registrations
from registration_forms.forms import RegistrationForm
from registration_forms.registrations import FormData, submit
from simulators.gotowebinar.process import SimulatorProcess
from sync import runs, tasks
from sync.push import capacity
from tests.fixtures.goto import run_sync
from webinars.models import Registration, Webinar

ByLabel = Callable[[str], Webinar]
State = Registration.State
ANNA = {"first_name": "Anna", "last_name": "Ångström", "email": "anna@example.com"}
LEARN, TEAM = "What do you hope to learn?", "How big is your team?"


def test_a_sync_brings_the_fields_questions_and_seats(webinar: ByLabel) -> None:
    required = webinar("required")
    run_sync(required)
    required.refresh_from_db()
    fields = {item.name: item for item in formfields.fields_of(required)}
    assert list(fields)[:3] == ["first_name", "last_name", "email"]
    assert fields["organization"].required and not fields["country"].required
    assert "Software" in fields["industry"].choices
    learn, team = formfields.questions_of(required)
    assert (learn.question, learn.required, learn.max_size) == (LEARN, True, 500)
    assert [text for _, text in team.answers] == ["Just me", "2 to 50", "More than 50"]
    assert required.registration_limit and required.organizer_name
    assert required.free_seats is not None


def test_everything_filled_in_arrives_answers_and_source_too(
    simulator: SimulatorProcess, webinar: ByLabel
) -> None:
    required = webinar("required")
    run_sync(required)
    required.refresh_from_db()
    learn, team = (f"question_{item.key}" for item in formfields.questions_of(required))
    submitted = {"organization": "Acme", "job_title": "CTO", learn: "Everything", team: "2 to 50"}
    form = RegistrationForm(required, ANNA | submitted)
    assert form.is_valid(), form.errors
    registration = submit(
        required, FormData(form.submitted(), referral_source="newsletter")
    ).registration
    tasks.push_waiting()
    registration.refresh_from_db()
    assert registration.state == State.REGISTERED, registration.platform_message
    people = simulator.truth(required.key)["registrants"]
    there = next(item for item in people if item["email"] == ANNA["email"])
    assert there["fields"]["source"] == "newsletter"
    assert there["fields"]["organization"] == "Acme"
    assert {tuple(pair.values()) for pair in there["responses"]} == {
        (LEARN, "Everything"),
        (TEAM, "2 to 50"),
    }


def test_a_missing_or_unknown_answer_stays_at_its_field(webinar: ByLabel) -> None:
    required = webinar("required")
    run_sync(required)
    required.refresh_from_db()
    learn, team = (f"question_{item.key}" for item in formfields.questions_of(required))
    form = RegistrationForm(required, ANNA | {team: "A thousand", "industry": "Piracy"})
    assert not form.is_valid()
    assert set(form.errors) == {learn, team, "industry", "organization", "job_title"}


def test_a_field_newly_required_is_reported_before_anyone_is_refused(
    simulator: SimulatorProcess, webinar: ByLabel
) -> None:
    upcoming = webinar("upcoming")
    run_sync(upcoming)
    upcoming.refresh_from_db()
    assert upcoming.newly_required == {}
    simulator.control("POST", "require-fields", {"webinar": upcoming.key, "fields": ["jobTitle"]})
    run_sync(upcoming)
    upcoming.refresh_from_db()
    assert list(upcoming.newly_required) == ["job_title"]
    assert not RegistrationForm(upcoming, ANNA).is_valid()
    run_sync(upcoming)
    upcoming.refresh_from_db()
    assert list(upcoming.newly_required) == ["job_title"], "it stays known until it is optional"


def test_a_refusal_updates_the_form_at_once_and_can_be_corrected(
    simulator: SimulatorProcess, webinar: ByLabel
) -> None:
    upcoming = webinar("upcoming")
    run_sync(upcoming)
    simulator.control("POST", "require-fields", {"webinar": upcoming.key, "fields": ["jobTitle"]})
    registration = submit(upcoming, FormData(dict(ANNA))).registration
    tasks.push_waiting()
    registration.refresh_from_db()
    assert registration.state == State.REJECTED
    assert "Job title" in registration.problem and registration.rejected_fields == ["job_title"]
    upcoming.refresh_from_db()
    assert list(upcoming.newly_required) == ["job_title"]
    assert registrations.resubmit(registration, ANNA | {"job_title": "CTO"})
    assert not registrations.resubmit(registration, ANNA), "only once"
    tasks.push_waiting()
    registration.refresh_from_db()
    assert registration.state == State.REGISTERED
    assert (registration.problem, registration.platform_message, registration.rejected_fields) == (
        "",
        "",
        [],
    )


def test_the_form_of_a_webinar_without_sync_is_refreshed_with_the_list(webinar: ByLabel) -> None:
    upcoming = webinar("upcoming")
    Webinar.objects.filter(pk=upcoming.pk).update(form_enabled=True)
    runs.sync_list(upcoming.connection, trigger="command")  # type: ignore[arg-type]
    upcoming.refresh_from_db()
    assert upcoming.form_fields is not None


def test_seats_that_have_not_changed_are_not_written_again(
    webinar: ByLabel, django_assert_num_queries: Callable[[int], object]
) -> None:
    upcoming = webinar("upcoming")
    client = client_for(upcoming.connection)
    capacity.refresh_form_fields(upcoming, client)
    fields, details = client.registration_fields(upcoming.key), client.webinar(upcoming.key)
    with django_assert_num_queries(0):  # type: ignore[attr-defined]
        capacity.save_form_fields(upcoming, fields)
        capacity.refresh_capacity(upcoming, details)


@pytest.mark.parametrize("name", ["employees", "aFieldOfTomorrow"])
def test_a_field_that_is_no_property_is_asked_and_sent_all_the_same(
    webinar: ByLabel, name: str
) -> None:
    upcoming = webinar("upcoming")
    upcoming.form_fields = {
        "fields": [{"name": name, "required": True, "max_size": 128, "answers": []}],
        "questions": [],
    }
    asked = formfields.fields_of(upcoming)[-1]
    assert asked.required and asked.name == name
