"""The effect of events: the one person or webinar is in sync, with as few calls as possible."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.utils import timezone

from contacts.deletion import delete_contacts
from contacts.models import Activity, Contact, Tombstone
from operations.tasks import clean_up
from platforms.models import Connection, WebhookEvent, WebhookSetup
from simulators.gotowebinar.process import SimulatorProcess
from sync import lease, tasks
from sync.models import SyncRun
from sync.webhooks import process
from tests.fixtures.goto import run_sync
from tests.fixtures.webhooks import Hook, added, event
from webinars.models import Registration, Webinar

pytestmark = pytest.mark.django_db(transaction=True)
ByLabel = Callable[[str], Webinar]


def test_a_signed_registrant_is_added_without_a_call(
    hook: Hook, synced: Webinar, simulator: SimulatorProcess
) -> None:
    event_body = added(simulator, synced, "ida@example.com")
    simulator.reset_calls()
    assert hook.post(event_body) == 200
    assert hook.work() == 1
    assert simulator.calls()["total"] == 0
    ida = Contact.objects.get(email="ida@example.com")
    assert (ida.organization, ida.industry) == ("From the event", "Computing")
    registration = ida.registrations.get()
    assert registration.registrant_key == str(event_body["registrantKey"])
    assert registration.submitted["answers"] == [["Why?", "Because"]]
    line = Activity.objects.get(contact=ida)
    assert (line.kind, line.data["source"]) == ("registered", "a newsletter")
    # Signed payloads are stored no longer than needed.
    assert WebhookEvent.objects.get().body == ""


def test_an_unsigned_event_is_a_hint_and_goto_is_asked(
    hook: Hook, synced: Webinar, simulator: SimulatorProcess
) -> None:
    body = added(simulator, synced, "ida@example.com")
    simulator.reset_calls()
    assert hook.post(body | {"lastName": "Somebody-else"}, signed=None) == 200
    hook.work()
    assert simulator.calls()["total"] == 1
    ida = Contact.objects.get(email="ida@example.com")
    assert (ida.last_name, ida.organization) == ("Rhodes", "")


def test_a_hint_about_someone_whom_goto_does_not_know_changes_nothing(
    hook: Hook, synced: Webinar
) -> None:
    before = Registration.objects.count()
    invented = event(
        "registrant.added",
        synced,
        registrantKey=123,
        email="x@example.com",
        firstName="X",
        lastName="Y",
        registrationDate="2026-11-01T10:00:00Z",
    )
    assert hook.post(invented, signed=None) == 200
    hook.work()
    assert Registration.objects.count() == before
    assert not hook.waiting()


def test_anyone_who_is_here_already_costs_no_call(
    hook: Hook, synced: Webinar, simulator: SimulatorProcess
) -> None:
    known = synced.registrations.exclude(registrant_key="").first()
    assert known is not None
    simulator.reset_calls()
    body = event("registrant.joined", synced, registrantKey=known.registrant_key, joinTime=1)
    assert hook.post(body) == 200
    hook.work()
    assert simulator.calls()["total"] == 0


def test_anyone_who_joins_without_being_known_is_added(
    hook: Hook, synced: Webinar, simulator: SimulatorProcess
) -> None:
    body = added(simulator, synced, "ida@example.com")
    joined = event("registrant.joined", synced, registrantKey=body["registrantKey"])
    assert hook.post(joined) == 200
    hook.work()
    assert Contact.objects.filter(email="ida@example.com").exists()


@pytest.mark.parametrize("signed", ["hex", None])
def test_a_hundred_events_at_once_become_a_few_calls(
    hook: Hook, synced: Webinar, simulator: SimulatorProcess, signed: str | None
) -> None:
    if signed is None:
        # Known contacts: the list has enough data about them.
        Contact.objects.bulk_create(
            Contact(email=f"p{n}@example.com", email_key=f"p{n}@example.com") for n in range(100)
        )
    bodies = [added(simulator, synced, f"p{n}@example.com") for n in range(100)]
    simulator.reset_calls()
    for item in bodies:
        assert hook.post(item, signed=signed) == 200
    assert hook.work() == 100
    assert simulator.calls()["total"] <= 8
    assert (
        Contact.objects.filter(email__startswith="p", registrations__webinar=synced).count() >= 100
    )
    keys = {str(item["registrantKey"]) for item in bodies}
    assert synced.registrations.filter(registrant_key__in=keys).count() == 100


@pytest.mark.rule(1)
def test_a_webinar_that_is_not_switched_on_registers_no_one(
    hook: Hook, webinar: ByLabel, simulator: SimulatorProcess
) -> None:
    quiet = webinar("required")
    assert hook.post(added(simulator, quiet, "ida@example.com")) == 200
    hook.work()
    assert not Contact.objects.filter(email="ida@example.com").exists()


@pytest.mark.rule(3)
def test_a_contact_is_never_changed_by_an_event(
    hook: Hook, synced: Webinar, simulator: SimulatorProcess
) -> None:
    Contact.objects.create(
        email="ida@example.com", email_key="ida@example.com", first_name="Our", last_name="Own"
    )
    assert hook.post(added(simulator, synced, "IDA@example.com ")) == 200
    hook.work()
    ida = Contact.objects.get(email_key="ida@example.com")
    assert (ida.first_name, ida.organization) == ("Our", "")
    assert ida.registrations.get().submitted["organization"] == "From the event"


@pytest.mark.rule(5)
def test_a_permanently_erased_person_is_not_restored(
    hook: Hook, synced: Webinar, simulator: SimulatorProcess
) -> None:
    Contact.objects.create(email="ida@example.com", email_key="ida@example.com")
    delete_contacts(Contact.objects.all(), permanent=True)
    assert hook.post(added(simulator, synced, "ida@example.com")) == 200
    hook.work()
    assert not Contact.objects.filter(email="ida@example.com").exists()


@pytest.mark.rule(5)
@pytest.mark.parametrize("name", ["registrant.joined", "registrant.added", "survey.submitted"])
def test_an_event_does_not_bring_a_deleted_contact_back(
    hook: Hook, synced: Webinar, simulator: SimulatorProcess, name: str
) -> None:
    """They registered before they were deleted; they join, or GoTo reports it late."""
    body = added(simulator, synced, "ida@example.com", sessionKey="1")
    run_sync(synced)
    delete_contacts(Contact.objects.filter(email_key="ida@example.com"))
    Tombstone.objects.update(deleted_at=timezone.now() + dt.timedelta(seconds=2))
    assert hook.post(body | {"eventName": name}) == 200
    hook.work()
    assert not Contact.objects.filter(email_key="ida@example.com").exists()


def test_a_webinar_that_changed_or_was_cancelled_is_so_here(
    hook: Hook, synced: Webinar, simulator: SimulatorProcess
) -> None:
    Webinar.objects.filter(pk=synced.pk).update(subject="Of old")
    simulator.reset_calls()
    assert hook.post(event("webinar.changed", synced, status="UPDATED")) == 200
    hook.work()
    synced.refresh_from_db()
    assert synced.subject != "Of old"
    assert simulator.calls()["total"] == 1
    # A "deleted" event is not trusted; it is verified with GoTo.
    assert hook.post(event("webinar.changed", synced, status="DELETED")) == 200
    hook.work()
    synced.refresh_from_db()
    assert synced.state == Webinar.State.SCHEDULED
    simulator.control("POST", "delete-webinar", {"webinar": synced.key})
    assert hook.post(event("webinar.changed", synced, status="DELETED")) == 200
    hook.work()
    synced.refresh_from_db()
    assert synced.state == Webinar.State.GONE


def test_a_new_webinar_appears_and_is_not_synced_automatically(
    hook: Hook, synced: Webinar, connection: Connection
) -> None:
    Webinar.objects.filter(pk=synced.pk).delete()
    assert hook.post(event("webinar.created", synced)) == 200
    hook.work()
    assert not connection.webinars.get(key=synced.key).sync_enabled


def test_a_survey_is_in_the_timeline(
    hook: Hook, webinar: ByLabel, simulator: SimulatorProcess
) -> None:
    big = webinar("big")
    Webinar.objects.filter(pk=big.pk).update(sync_enabled=True)
    run_sync(big)
    surveys = Activity.objects.filter(kind="survey")
    line = surveys.first()
    assert line is not None
    answered = surveys.filter(contact=line.contact).count()
    key = big.registrations.get(contact=line.contact).registrant_key
    surveys.filter(contact=line.contact).delete()
    simulator.reset_calls()
    body = event("survey.submitted", big, registrantKey=key, sessionKey=line.data["session"])
    assert hook.post(body) == 200
    hook.work()
    assert surveys.filter(contact=line.contact).count() == answered
    assert simulator.calls()["total"] == 1


def test_a_survey_of_a_session_not_known_yet_syncs_the_webinar(
    hook: Hook, synced: Webinar, simulator: SimulatorProcess
) -> None:
    person = simulator.truth(synced.key)["registrants"][0]
    simulator.control("POST", "start-session", {"webinar": synced.key})
    ended = simulator.control(
        "POST",
        "end-session",
        {
            "webinar": synced.key,
            "attendees": [{"email": person["email"]}],
            "surveys": [{"question": "Well?", "choices": ["Yes"]}],
        },
    )
    body = event("survey.submitted", synced, registrantKey=person["registrantKey"],
                 sessionKey=ended["sessionKey"])  # fmt: skip
    assert hook.post(body) == 200
    hook.work()
    assert Activity.objects.filter(kind="survey", data__question="Well?").count() == 1
    assert Activity.objects.filter(kind="attended", webinar_key=synced.key).count() == 1
    assert SyncRun.objects.filter(trigger="webhook", state="done").count() == 1


def test_what_goto_does_not_answer_is_retried_and_then_left_to_the_scheduler(
    hook: Hook, synced: Webinar, simulator: SimulatorProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platforms.gotowebinar.retry.sleep", lambda seconds: None)
    simulator.control("POST", "fail", {"path": "registrants", "count": 1000, "status": 500})
    assert hook.post(added(simulator, synced, "ida@example.com"), signed=None) == 200
    for _ in range(5):
        assert hook.waiting() == 1
        WebhookEvent.objects.update(next_try_at=timezone.now() - dt.timedelta(seconds=1))
        hook.work()
    row = WebhookEvent.objects.get()
    assert row.done_at is not None and row.problem_code == "platform.broken"


def test_events_wait_for_the_sign_in(
    hook: Hook, synced: Webinar, simulator: SimulatorProcess
) -> None:
    body = added(simulator, synced, "ida@example.com")
    simulator.control("POST", "revoke-refresh-token")
    assert hook.post(body, signed=None) == 200
    for _ in range(6):
        WebhookEvent.objects.update(next_try_at=timezone.now() - dt.timedelta(seconds=1))
        hook.work()
    assert hook.waiting() == 1


def test_two_workers_do_not_process_the_same(hook: Hook, synced: Webinar) -> None:
    hook.post(event("webinar.changed", synced))
    until = timezone.now() + lease.LEASE
    type(hook.setup).objects.update(lease_until=until, claim="another's")
    assert hook.work() == 0 and hook.waiting() == 1
    # As after a kill -9: the claim expires, and the event is found by the sweep.
    type(hook.setup).objects.update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    WebhookEvent.objects.update(next_try_at=timezone.now() - dt.timedelta(minutes=1))
    assert tasks.sweep_pushes() == 1
    assert not hook.waiting()


def test_a_delayed_worker_does_not_touch_the_claim_of_another(
    hook: Hook, synced: Webinar, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook.post(event("webinar.changed", synced))
    setup, later = WebhookSetup.objects.all(), timezone.now() + lease.LEASE

    def claim_lost(*_: object) -> None:
        setup.update(lease_until=later, claim="another's")

    monkeypatch.setattr(process, "_process_events", claim_lost)
    # The first batch is done; before the second the other's claim is seen.
    assert hook.work() == 1
    assert setup.values_list("lease_until", "claim").get() == (later, "another's")
    assert hook.waiting() == 1
    # One's own claim is released.
    setup.update(lease_until=None, claim="")
    monkeypatch.undo()
    assert hook.work() == 1
    assert setup.values_list("lease_until", "claim").get() == (None, "")


def test_events_are_deleted_after_some_days(hook: Hook, synced: Webinar) -> None:
    hook.post(event("webinar.changed", synced))
    hook.work()
    clean_up()
    assert WebhookEvent.objects.count() == 1
    WebhookEvent.objects.update(received_at=timezone.now() - dt.timedelta(days=4))
    clean_up()
    assert not WebhookEvent.objects.exists()
    # Too old by then to be accepted as new.
    old = (timezone.now() - dt.timedelta(days=4)).isoformat()
    hook.post(event("webinar.changed", synced, timestamp=old))
    assert not hook.waiting()


def test_a_running_sync_of_the_webinar_is_waited_for(
    hook: Hook, webinar: ByLabel, simulator: SimulatorProcess, connection: Connection
) -> None:
    big = webinar("big")
    Webinar.objects.filter(pk=big.pk).update(sync_enabled=True)
    lease.claim(connection, big, trigger=SyncRun.Trigger.SCHEDULE)
    hook.post(event("survey.submitted", big, registrantKey="1", sessionKey="2"))
    hook.work()
    assert hook.waiting() == 1
