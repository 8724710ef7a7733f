"""GoTo registers a person, and its answer is lost."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from registration_forms.registrations import FormData, submit
from simulators.gotowebinar.process import SimulatorProcess
from sync.push.push import push
from webinars.models import Registration, Webinar

ByLabel = Callable[[str], Webinar]
ANNA = {"first_name": "Anna", "last_name": "Ångström", "email": "anna@example.com"}


@pytest.mark.parametrize("with_key", [True, False])
def test_anyone_whom_our_form_created_there_did_not_come_from_elsewhere(
    simulator: SimulatorProcess, webinar: ByLabel, with_key: bool
) -> None:
    """Their answer page shows the join link only if the form registered them."""
    simulator.control("POST", "duplicates-carry-key", {"on": with_key})
    simulator.control("POST", "fail", {"kind": "lost", "method": "POST", "path": "registrants"})
    registration = submit(webinar("upcoming"), FormData(ANNA)).registration
    push(registration.pk)
    registration.refresh_from_db()
    assert registration.state == Registration.State.REGISTERED
    assert (registration.source, registration.push_attempts) == (Registration.Source.FORM, 1)
    assert registration.join_url


def test_anyone_who_was_there_before_did_even_if_an_answer_got_lost(
    simulator: SimulatorProcess, webinar: ByLabel
) -> None:
    upcoming = webinar("upcoming")
    person = simulator.truth(upcoming.key)["registrants"][0]
    simulator.control("POST", "fail", {"kind": "drop", "method": "POST", "path": "registrants"})
    registration = submit(upcoming, FormData(ANNA | {"email": person["email"]})).registration
    push(registration.pk)
    registration.refresh_from_db()
    assert registration.state == Registration.State.REGISTERED
    assert registration.source == Registration.Source.PLATFORM


def test_the_person_with_the_last_seat_does_not_see_that_it_was_full(
    simulator: SimulatorProcess, webinar: ByLabel
) -> None:
    """A pusher is killed after GoTo accepted the person; by the next try the webinar is full."""
    upcoming = webinar("upcoming")
    registration = submit(upcoming, FormData(ANNA)).registration
    there = {"webinar": upcoming.key, "email": ANNA["email"], "firstName": "A", "lastName": "Å"}
    simulator.control("POST", "register", there)
    full = len(simulator.truth(upcoming.key)["registrants"])
    simulator.control("POST", "set-limit", {"webinar": upcoming.key, "limit": full})
    Webinar.objects.filter(pk=upcoming.pk).update(
        registration_limit=full, registrant_count=full, capacity_read_at=timezone.now()
    )
    Registration.objects.filter(pk=registration.pk).update(push_attempts=1)
    push(registration.pk)
    registration.refresh_from_db()
    assert registration.state == Registration.State.REGISTERED
    assert not registration.contact.activities.filter(kind="overflow").exists()
