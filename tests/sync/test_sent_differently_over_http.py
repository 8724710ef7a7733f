"""Contacts of every kind are registered on a platform that refuses invalid choices."""

from collections.abc import Callable

import pytest

from contacts.models import Contact
from registration_forms import contact_actions
from registration_forms.registrations import register_contacts
from simulators.gotowebinar.process import SimulatorProcess
from sync import tasks
from tests.fixtures.goto import run_sync
from webinars.models import Registration, Webinar

ByLabel = Callable[[str], Webinar]
State = Registration.State
FIELDS = [
    {"name": "country", "answers": ["France", "Germany", "United States"]},
    {"name": "state", "answers": ["Alabama", "California"]},
    {"name": "industry", "answers": ["Computing", "Other"]},
    {"name": "jobTitle", "max_size": 64},
]


@pytest.fixture
def upcoming(simulator: SimulatorProcess, webinar: ByLabel) -> Webinar:
    upcoming = webinar("upcoming")
    simulator.control("POST", "ask-fields", {"webinar": upcoming.key, "fields": FIELDS})
    run_sync(upcoming)
    upcoming.refresh_from_db()
    return upcoming


@pytest.mark.rule(2)
def test_seven_contacts_are_ready_and_are_all_registered(
    simulator: SimulatorProcess, upcoming: Webinar
) -> None:
    people: list[dict[str, str]] = [
        {},
        {"country": "Germany", "industry": "Computing", "job_title": "CTO"},
        {"country": "DE"},
        {"country": "germany"},
        {"state": "Bavaria"},
        {"industry": "Poetry"},
        {"job_title": "x" * 180},
    ]
    for number, properties in enumerate(people):
        Contact.objects.create(
            email=f"c{number}@seven.example", first_name="Ada", last_name="L", **properties
        )
    contacts = Contact.objects.filter(email__endswith="@seven.example")
    check = contact_actions.preview_registrations(upcoming, contacts)
    assert (len(check.ready), check.lacking, check.changed_count) == (7, [], 5)
    register_contacts(upcoming, check.ready, Registration.Source.MARKETER)
    tasks.push_waiting()
    rows = Registration.objects.filter(contact__in=contacts).order_by("contact__email")
    assert [row.state for row in rows] == [State.REGISTERED] * 7
    codes = [[item["code"] for item in row.sent_differently] for row in rows]
    assert codes == [[], [], ["matched"], ["matched"], ["no-choice"], ["no-choice"], ["shortened"]]
    listed = simulator.truth(upcoming.key)["registrants"]
    there = {item["email"]: item["fields"] for item in listed}
    assert [there[f"c{number}@seven.example"] for number in range(2, 7)] == [
        {"country": "Germany"}, {"country": "Germany"}, {}, {}, {"jobTitle": "x" * 63 + "…"},
    ]  # fmt: skip


@pytest.mark.rule(2)
def test_of_someone_who_was_there_already_nothing_was_sent(
    simulator: SimulatorProcess, upcoming: Webinar
) -> None:
    body = {"webinar": upcoming.key, "email": "ada@example.com", "country": "France"}
    simulator.control("POST", "register", body)
    contact = Contact.objects.create(
        email="ada@example.com", first_name="Ada", last_name="L", country="DE"
    )
    register_contacts(upcoming, [contact.pk], Registration.Source.MARKETER)
    tasks.push_waiting()
    row = Registration.objects.get(contact=contact)
    assert (row.state, row.sent_differently) == (State.REGISTERED, [])
