"""The waiting list: no one is lost, the order is kept, never one too many (rule 6)."""

import threading
from collections.abc import Callable

import pytest
from django.db import connections
from django.utils import timezone

from contacts.models import Activity, Contact
from platforms.client_factory import client_for
from platforms.records import WebinarDetails
from registration_forms.registrations import FormData, register_contacts, submit
from simulators.gotowebinar.process import SimulatorProcess
from sync import tasks
from sync.push.promotion import promote
from tests.fixtures.goto import run_sync
from webinars.models import Registration, Webinar
from webinars.waitlist import place_of, waiting_list

ByLabel = Callable[[str], Webinar]
State = Registration.State
pytestmark = pytest.mark.rule(6)


def person(number: int) -> FormData:
    return FormData(
        {"first_name": f"F{number}", "last_name": "L", "email": f"w{number}@example.com"}
    )


@pytest.fixture
def full(simulator: SimulatorProcess, webinar: ByLabel) -> Webinar:
    """A full webinar with three people on its waiting list."""
    full = webinar("full")
    for number in range(3):
        submit(full, person(number))
    tasks.push_waiting()
    full.refresh_from_db()
    return full


def seats_free(simulator: SimulatorProcess, webinar: Webinar, count: int) -> None:
    there = len(simulator.truth(webinar.key)["registrants"])
    simulator.control("POST", "set-limit", {"webinar": webinar.key, "limit": there + count})


def states() -> dict[str, str]:
    rows = Registration.objects.filter(contact__email__startswith="w")
    return {item.contact.email[1]: str(item.state) for item in rows}


def there(simulator: SimulatorProcess, webinar: Webinar) -> set[str]:
    people = simulator.truth(webinar.key)["registrants"]
    return {item["email"] for item in people if item["email"].startswith("w")}


def test_who_finds_it_full_waits_in_order_at_a_place(full: Webinar) -> None:
    people = list(waiting_list(full))
    assert [item.contact.email for item in people] == [f"w{n}@example.com" for n in range(3)]
    assert [place_of(item) for item in people] == [1, 2, 3]
    assert full.free_seats == 0


def test_a_webinar_known_to_be_full_is_not_asked_again(
    simulator: SimulatorProcess, full: Webinar
) -> None:
    simulator.reset_calls()
    for number in range(3, 20):
        submit(full, person(number))
    tasks.push_waiting()
    assert waiting_list(full).count() == 20
    assert simulator.calls()["total"] == 0


def test_those_who_waited_longest_are_promoted_and_never_one_too_many(
    simulator: SimulatorProcess, full: Webinar
) -> None:
    seats_free(simulator, full, 2)
    assert tasks.promote(full.pk) == 2
    assert tasks.promote(full.pk) == 0, "the seats are reserved for pending pushes"
    tasks.push_waiting()
    assert there(simulator, full) == {"w0@example.com", "w1@example.com"}
    assert states() == {"0": State.REGISTERED, "1": State.REGISTERED, "2": State.OVERFLOW}
    left = waiting_list(full).get()
    assert place_of(left) == 1
    kinds = Contact.objects.get(email="w0@example.com").activities.values_list("kind", flat=True)
    assert Activity.Kind.PROMOTED in kinds


def test_two_concurrent_promotions_admit_no_more_than_there_are_seats(
    simulator: SimulatorProcess, full: Webinar
) -> None:
    seats_free(simulator, full, 1)
    start, sent = threading.Barrier(2), []

    def promote_all() -> None:
        try:
            client = client_for(full.connection)
            webinar = Webinar.objects.get(pk=full.pk)
            start.wait()
            sent.append(promote(webinar, client))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=promote_all) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(sent) == [0, 1]


def test_full_again_before_the_push_keeps_the_place(
    simulator: SimulatorProcess, full: Webinar
) -> None:
    since = waiting_list(full)[0].waiting_since
    seats_free(simulator, full, 1)
    tasks.promote(full.pk)
    seats_free(simulator, full, 0)
    Webinar.objects.filter(pk=full.pk).update(capacity_read_at=None)
    tasks.push_waiting()
    first = waiting_list(full)[0]
    assert (first.contact.email, first.waiting_since) == ("w0@example.com", since)
    assert waiting_list(full).count() == 3


def test_people_are_promoted_automatically_after_a_cancellation(
    simulator: SimulatorProcess, full: Webinar
) -> None:
    Webinar.objects.filter(pk=full.pk).update(auto_promote=True)
    run_sync(full)
    assert waiting_list(full).count() == 3
    cancelled_email = simulator.truth(full.key)["registrants"][0]["email"]
    simulator.control("POST", "cancel", {"webinar": full.key, "email": cancelled_email})
    run_sync(Webinar.objects.select_related("connection").get(pk=full.pk))
    tasks.push_waiting()
    assert there(simulator, full) == {"w0@example.com"}


def test_without_it_no_one_is_promoted_before_the_button(
    simulator: SimulatorProcess, full: Webinar
) -> None:
    seats_free(simulator, full, 3)
    run_sync(full)
    assert tasks.promote_waiting() == 0
    assert waiting_list(full).count() == 3


def test_a_new_registrant_queues_behind_those_promoted_automatically(
    simulator: SimulatorProcess, full: Webinar
) -> None:
    Webinar.objects.filter(pk=full.pk).update(auto_promote=True, capacity_read_at=None)
    seats_free(simulator, full, 3)
    submit(full, person(9))
    tasks.push_waiting()
    assert states()["9"] == State.OVERFLOW
    assert tasks.promote_waiting() == 3
    tasks.push_waiting()
    assert there(simulator, full) == {f"w{n}@example.com" for n in range(3)}
    assert states()["9"] == State.OVERFLOW


def test_who_asks_again_keeps_the_place(full: Webinar) -> None:
    Webinar.objects.filter(pk=full.pk).update(auto_promote=True)
    full.refresh_from_db()
    submit(full, person(0))
    tasks.push_waiting()
    assert waiting_list(full)[0].contact.email == "w0@example.com"


def test_the_seat_check_every_five_minutes_survives_a_failing_goto(
    simulator: SimulatorProcess, full: Webinar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platforms.gotowebinar.retry.sleep", lambda seconds: None)
    Webinar.objects.filter(pk=full.pk).update(auto_promote=True)
    simulator.control("POST", "fail", {"path": "webinars", "count": 100})
    assert tasks.promote_waiting() == 0
    assert waiting_list(full).count() == 3


def test_contacts_registered_by_a_colleague_are_handled_alike(
    simulator: SimulatorProcess, full: Webinar
) -> None:
    contact = Contact.objects.create(email="w7@example.com", first_name="F", last_name="L")
    known = Registration.objects.get(contact__email="w0@example.com")
    taken = register_contacts(full, [contact.pk, known.contact_id], Registration.Source.MARKETER)
    assert (taken.new, taken.known) == (1, 1)
    Webinar.objects.filter(pk=full.pk).update(capacity_read_at=timezone.now())
    tasks.push_waiting()
    last = list(waiting_list(full))[-1]
    assert (last.contact, last.source) == (contact, Registration.Source.MARKETER)


def test_seats_that_another_process_writes_in_the_meantime_do_not_cost_a_promotion(
    simulator: SimulatorProcess, full: Webinar, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What this process read long ago is what GoTo returns again: the table has the full
    webinar."""
    seats_free(simulator, full, 1)
    client = client_for(full.connection)
    stale = Webinar.objects.get(pk=full.pk)
    details = client.webinar(full.key)
    stale.registration_limit = details.registration_limit
    stale.registrant_count = details.number_of_registrants
    stale.organizer_name = details.organizer_name
    assert Webinar.objects.get(pk=full.pk).free_seats == 0
    assert promote(stale, client) == 1


def test_seats_written_while_goto_is_asked_are_asked_for_again(
    simulator: SimulatorProcess, full: Webinar, monkeypatch: pytest.MonkeyPatch
) -> None:
    seats_free(simulator, full, 1)
    client, asked = client_for(full.connection), 0
    ask = client.webinar

    def read_after_change(key: str) -> WebinarDetails:
        nonlocal asked
        asked += 1
        details = ask(key)
        if asked == 1:
            rows = Webinar.objects.filter(pk=full.pk)
            rows.update(registrant_count=1, registration_limit=3, capacity_read_at=timezone.now())
        return details

    monkeypatch.setattr(client, "webinar", read_after_change)
    assert promote(full, client) == 1
    assert asked == 2
    assert Webinar.objects.get(pk=full.pk).free_seats == 1
