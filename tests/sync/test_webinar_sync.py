"""The sync of a webinar, over real HTTP."""

from collections.abc import Callable

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from contacts.models import Activity, Contact, OptOut
from contacts.tombstones import bury
from core.emails import email_key
from simulators.gotowebinar.process import SimulatorProcess
from sync.models import SyncRun
from tests.fixtures.goto import run_sync
from webinars.audiences import Audience, members
from webinars.models import Attendance, Registration, Webinar

ByLabel = Callable[[str], Webinar]


def emails(webinar: Webinar, audience: Audience) -> set[str]:
    return set(members(webinar, audience).values_list("contact__email_key", flat=True))


def folded(people: list[dict[str, str]]) -> set[str]:
    return {email_key(person["email"]) for person in people}


@pytest.mark.rule(8)
def test_audiences_are_exactly_what_goto_has(simulator: SimulatorProcess, webinar: ByLabel) -> None:
    big = webinar("big")
    run = run_sync(big)
    truth = simulator.truth(big.key)
    there, attended = folded(truth["registrants"]), folded(truth["attended"])
    assert run.state == SyncRun.State.DONE, run.error
    assert emails(big, Audience.REGISTERED) == there | attended
    assert emails(big, Audience.ATTENDED) == attended
    assert emails(big, Audience.NO_SHOW) == there - attended


def test_time_in_the_room_counts_overlaps_once(
    simulator: SimulatorProcess, webinar: ByLabel
) -> None:
    big = webinar("big")
    run_sync(big)
    here = {
        email_key(email): seconds
        for email, seconds in big.registrations.filter(sessions_attended__gt=0).values_list(
            "contact__email", "seconds_attended"
        )
    }
    there = {
        email_key(item["email"]): item["seconds"] for item in simulator.truth(big.key)["attended"]
    }
    assert here == there


def test_first_sync_makes_the_fewest_calls(simulator: SimulatorProcess, webinar: ByLabel) -> None:
    full = webinar("full")
    simulator.reset_calls()
    run = run_sync(full)
    calls = simulator.calls()
    assert run.new_contacts == Contact.objects.count() > 0
    # One page of registrants, one of sessions, one detail for each new contact; and for an upcoming
    # webinar the fields of its form and its seats; panelists and co-organizers, once a day.
    assert run.calls == calls["total"] == 6 + run.new_contacts


def test_a_second_sync_writes_nothing_but_its_run_and_asks_for_pages_only(
    simulator: SimulatorProcess, webinar: ByLabel
) -> None:
    big = webinar("big")
    run_sync(big)
    sessions = big.sessions.count()
    truth = simulator.truth(big.key)
    stays = Attendance.objects.filter(session__webinar=big).count()
    simulator.reset_calls()
    with CaptureQueriesContext(
        database,
    ) as queries:
        run = run_sync(webinar("big"))
    pages = -(-len(truth["registrants"]) // 200) + 1 + -(-stays // 200)
    assert simulator.calls()["total"] == run.calls == pages + sessions
    writes = [
        query["sql"]
        for query in queries
        if query["sql"].split(" ", 1)[0] in ("INSERT", "UPDATE", "DELETE")
    ]
    assert writes
    assert all(SyncRun._meta.db_table in sql.split("WHERE")[0] for sql in writes), writes
    assert (run.new_contacts, run.new_registrations, run.new_activities) == (0, 0, 0)


@pytest.mark.rule(3)
def test_an_existing_contact_is_never_changed(
    simulator: SimulatorProcess, webinar: ByLabel
) -> None:
    full = webinar("full")
    person = simulator.truth(full.key)["registrants"][0]
    contact = Contact.objects.create(
        email=f" {person['email'].upper()} ", first_name="Mine", last_name="Own", job_title="Boss"
    )
    before = Contact.objects.filter(pk=contact.pk).values().get()
    run_sync(full)
    assert Contact.objects.filter(pk=contact.pk).values().get() == before
    registration = contact.registrations.get()
    assert registration.submitted["first_name"] == person["firstName"]


@pytest.mark.rule(3)
def test_a_new_contact_has_all_that_was_submitted(
    simulator: SimulatorProcess, webinar: ByLabel
) -> None:
    simulator.control(
        "POST",
        "register",
        {
            "webinar": "upcoming",
            "email": "New.Person@Example.com",
            "firstName": "New",
            "lastName": "Person",
            "organization": "Acme",
            "jobTitle": "CTO",
            "country": "Chile",
            "zipCode": "00123",
        },
    )
    run_sync(webinar("upcoming"))
    contact = Contact.objects.get(email_key="new.person@example.com")
    assert (contact.organization, contact.job_title, contact.country, contact.zip_code) == (
        "Acme",
        "CTO",
        "Chile",
        "00123",
    )


@pytest.mark.rule(4)
def test_a_cancellation_does_not_unregister_and_coming_back_is_handed_over(
    simulator: SimulatorProcess, webinar: ByLabel
) -> None:
    full = webinar("full")
    run_sync(full)
    person = simulator.truth(full.key)["registrants"][3]
    simulator.control("POST", "cancel", {"webinar": full.key, "email": person["email"]})
    run_sync(full)
    registration = full.registrations.get(registrant_key=person["registrantKey"])
    assert registration.state == Registration.State.REGISTERED
    assert registration.cancelled_at is not None
    assert emails(full, Audience.CANCELLED) == {email_key(person["email"])}
    assert email_key(person["email"]) in emails(full, Audience.REGISTERED)

    run_sync(full)
    simulator.control(
        "POST",
        "register",
        {"webinar": full.key, "email": person["email"], "firstName": "B", "lastName": "Ack"},
    )
    run_sync(full)
    registration = Registration.objects.get(pk=registration.pk)
    assert registration.cancelled_at is None
    kinds = list(registration.contact.activities.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["registered", "cancelled", "returned"]


@pytest.mark.rule(4)
def test_no_one_is_called_cancelled_because_a_page_shifted(
    simulator: SimulatorProcess, webinar: ByLabel
) -> None:
    big = webinar("big")
    run_sync(big)
    first = simulator.truth(big.key)["registrants"][0]
    # Between the first page and the second someone on the first is removed: all others move up.
    simulator.control(
        "POST",
        "fail",
        {
            "kind": "do",
            "path": "registrants",
            "after": 1,
            "do": {"path": "cancel", "body": {"webinar": big.key, "email": first["email"]}},
        },
    )
    run = run_sync(big)
    assert run.state == SyncRun.State.DONE, run.error
    run_sync(big)
    assert emails(big, Audience.CANCELLED) <= {email_key(first["email"])} | {
        email_key(item["email"]) for item in simulator.truth(big.key)["cancelled"]
    }
    listed = folded(simulator.truth(big.key)["registrants"])
    assert not emails(big, Audience.CANCELLED) & listed


@pytest.mark.rule(5)
def test_a_contact_deleted_here_stays_deleted_until_they_register_again(
    simulator: SimulatorProcess, webinar: ByLabel
) -> None:
    full = webinar("full")
    run_sync(full)
    person = simulator.truth(full.key)["registrants"][0]
    key = email_key(person["email"])
    Contact.objects.get(email_key=key).delete()
    run_sync(full)
    assert not Contact.objects.filter(email_key=key).exists()
    simulator.control("POST", "cancel", {"webinar": full.key, "email": person["email"]})
    simulator.control(
        "POST",
        "register",
        {"webinar": full.key, "email": person["email"], "firstName": "A", "lastName": "New"},
    )
    run_sync(full)
    assert Contact.objects.get(email_key=key).first_name == "A"


@pytest.mark.rule(5)
def test_an_erased_person_never_comes_back(simulator: SimulatorProcess, webinar: ByLabel) -> None:
    from contacts.deletion import delete_contacts

    full = webinar("full")
    run_sync(full)
    person = simulator.truth(full.key)["registrants"][0]
    key = email_key(person["email"])
    assert delete_contacts(Contact.objects.filter(email_key=key), permanent=True) == 1
    simulator.control("POST", "cancel", {"webinar": full.key, "email": person["email"]})
    simulator.control(
        "POST",
        "register",
        {"webinar": full.key, "email": person["email"], "firstName": "A", "lastName": "New"},
    )
    run_sync(full)
    assert not Contact.objects.filter(email_key=key).exists()


@pytest.mark.rule(5)
@pytest.mark.parametrize("before", [True, False])
def test_who_attends_unlisted_comes_back_only_if_they_registered_after_the_deletion(
    simulator: SimulatorProcess, webinar: ByLabel, before: bool
) -> None:
    past = webinar("big")
    bury("ida@example.com")
    body = {"webinar": past.key, "email": "ida@example.com"}
    ago = 3600 if before else -60
    simulator.control("POST", "attend-unlisted", body | {"registered_ago": ago})
    run_sync(past)
    found = Registration.objects.filter(contact__email_key="ida@example.com")
    assert [row.sessions_attended for row in found] == ([] if before else [1])


@pytest.mark.rule(11)
def test_an_opt_out_on_gotowebinar_is_read_with_the_details(
    simulator: SimulatorProcess, webinar: ByLabel
) -> None:
    full = webinar("full")
    person = simulator.truth(full.key)["registrants"][0]
    body = {"webinar": full.key, "registrantKey": person["registrantKey"]}
    assert simulator.control("POST", "unsubscribe", body)["unsubscribed"]
    run_sync(full)
    stored = OptOut.objects.get()
    assert stored.contact is not None
    assert (stored.contact.email_key, stored.source) == (email_key(person["email"]), "platform")
    assert not Registration.objects.filter(details_read_at=None).exclude(registrant_key="").exists()


@pytest.mark.rule(7)
def test_the_timeline_shows_each_entry_once(webinar: ByLabel) -> None:
    big = webinar("big")
    run_sync(big)
    counted = {kind: Activity.objects.filter(kind=kind).count() for kind in Activity.Kind.values}
    assert counted["registered"] == big.registrations.count()
    assert counted["attended"] == Attendance.objects.count() > 0
    assert counted["question"] > 0 and counted["poll"] > 0 and counted["survey"] > 0
    run_sync(big)
    again = {kind: Activity.objects.filter(kind=kind).count() for kind in Activity.Kind.values}
    assert again == counted


@pytest.mark.rule(2)
def test_a_registrant_without_a_name_is_skipped(
    simulator: SimulatorProcess, webinar: ByLabel
) -> None:
    simulator.control(
        "POST",
        "register",
        {"webinar": "upcoming", "email": "no@name.example", "firstName": "", "lastName": "X"},
    )
    run = run_sync(webinar("upcoming"))
    assert run.state == SyncRun.State.DONE
    assert not Contact.objects.filter(email_key="no@name.example").exists()


def test_one_email_twice_is_one_registration(webinar: ByLabel) -> None:
    big = webinar("big")
    run_sync(big)
    run = run_sync(big)
    assert run.state == SyncRun.State.DONE
    assert big.registrations.filter(aliases__isnull=False).count() == 1


def test_manual_approval_is_followed(simulator: SimulatorProcess, webinar: ByLabel) -> None:
    approval = webinar("approval")
    run_sync(approval)
    people = simulator.truth(approval.key)["registrants"]
    waiting = folded([item for item in people if item["status"] == "WAITING"])
    denied = folded([item for item in people if item["status"] == "DENIED"])
    assert emails(approval, Audience.AWAITING_APPROVAL) == waiting
    assert emails(approval, Audience.DENIED) == denied
