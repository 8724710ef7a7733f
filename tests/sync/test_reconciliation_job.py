"""A reconciliation that a person requested: its numbers add up, regardless of concurrent
changes."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from contacts.deletion import delete_contacts
from contacts.models import Contact
from core.emails import email_key
from platforms.client_factory import client_for
from platforms.gotowebinar import Client
from platforms.records import Registrant
from registration_forms.registrations import FormData, submit
from simulators.gotowebinar.process import SimulatorProcess
from sync import jobs, lease, tasks
from sync.models import Reason, Reconciliation, ReconciliationDifference, Side, SyncRun
from sync.push.push import push
from sync.reconciliation import job, report
from sync.reconciliation.differences import Compared, compare
from tests.fixtures.goto import run_sync
from webinars.models import Registration, Webinar

ByLabel = Callable[[str], Webinar]
State = Reconciliation.State
NAMES = {"first_name": "A", "last_name": "B"}


def emails(simulator: SimulatorProcess, webinar: Webinar) -> list[str]:
    return [item["email"] for item in simulator.truth(webinar.key)["registrants"]]


def register_there(simulator: SimulatorProcess, webinar: Webinar, email: str) -> None:
    simulator.control(
        "POST",
        "register",
        {"webinar": webinar.key, "email": email, "firstName": "N", "lastName": "W"},
    )


def checked(webinar: Webinar) -> str:
    """Request a reconciliation and run it, as a click and a worker do."""
    job.request(webinar, None)
    return tasks.compare(webinar.pk)


@pytest.mark.rule(5, 9)
def test_every_step_of_the_reconciliation_is_counted_and_adds_up(
    simulator: SimulatorProcess, webinar: ByLabel
) -> None:
    full = webinar("full")
    run_sync(full)
    cancelled, deleted, twice = emails(simulator, full)[:3]
    simulator.control("POST", "cancel", {"webinar": full.key, "email": cancelled})
    Contact.objects.get(email_key=email_key(deleted)).delete()
    simulator.control("POST", "set-limit", {"webinar": full.key, "limit": 5000})
    Webinar.objects.filter(pk=full.pk).update(capacity_read_at=None)
    push(submit(full, FormData(NAMES | {"email": "no@blocked.example"})).registration.pk)
    simulator.control("POST", "set-limit", {"webinar": full.key, "limit": 1})
    push(submit(full, FormData(NAMES | {"email": "late@example.com"})).registration.pk)
    submit(full, FormData(NAMES | {"email": "waiting@example.com"}))
    register_there(simulator, full, "new@example.com")
    assert checked(full) == "done"
    found = full.reconciliations.get()
    counts = found.counts()
    assert counts == {
        ("here", "cancelled there"): 1,
        ("here", "overflow"): 1,
        ("here", "pending"): 1,
        ("here", "rejected"): 1,
        ("platform", "deleted here"): 1,
        ("platform", "new since the last sync"): 1,
    }
    built = report.build(found, counts, sync_enabled=True)
    assert built.adds_up
    assert found.here == full.registrations.count()
    assert found.both == found.here - sum(step.count for step in built.less)
    assert found.on_platform == found.both + sum(step.count for step in built.more)
    assert found.on_platform == len(emails(simulator, full))
    by_reason = {row.reason: row for row in found.differences.all()}
    assert by_reason[Reason.CANCELLED].registration.contact.email == cancelled  # type: ignore[union-attr]
    new, gone = by_reason[Reason.NEW], by_reason[Reason.DELETED]
    assert (new.email, new.name) == ("new@example.com", "N W")
    # Of a deleted person only GoTo's key is stored.
    assert gone.registrant_key
    assert (gone.email, gone.email_key, gone.name, gone.registration) == ("", "", "", None)
    # After a sync only those remain on one side who stay there.
    run_sync(full)
    assert checked(full) == "done"
    assert ("platform", "new since the last sync") not in full.reconciliations.first().counts()  # type: ignore[union-attr]


@pytest.mark.rule(9)
def test_those_whom_the_organizer_has_not_approved_are_counted(
    webinar: ByLabel,
) -> None:
    past = webinar("past")
    run_sync(past)
    first, second = past.registrations.order_by("pk")[:2]
    Registration.objects.filter(pk=first.pk).update(state="awaiting")
    Registration.objects.filter(pk=second.pk).update(state="denied")
    before = Registration.objects.filter(webinar=past, cancelled_at=None)
    assert checked(past) == "done"
    found = past.reconciliations.get()
    assert (found.awaiting, found.denied) == (
        before.filter(state="awaiting").count(),
        before.filter(state="denied").count(),
    )
    assert found.awaiting
    assert found.denied


def different(found: Compared) -> list[tuple[str, Reason]]:
    """Return who differs, except the one whom the simulator lists twice from the start."""
    listed = [(item.email, item.reason) for item in found.differences]
    return [item for item in listed if item[1] != Reason.TWICE]


class ChangingClient(Client):
    """A client that makes a change before it reads GoTo's list, and after ours was read."""

    happening: Callable[[], object]

    def registrants(self, key: str) -> Iterator[list[Registrant]]:
        self.happening()
        yield from super().registrants(key)


def client_with_change(webinar: Webinar, happening: Callable[[], object]) -> Client:
    client = client_for(webinar.connection)
    client.__class__ = ChangingClient
    assert isinstance(client, ChangingClient)
    client.happening = happening
    return client


@pytest.mark.rule(9)
def test_a_registration_pushed_between_the_two_reads_adds_up(
    simulator: SimulatorProcess, webinar: ByLabel
) -> None:
    upcoming = webinar("upcoming")
    run_sync(upcoming)
    waiting = submit(upcoming, FormData(NAMES | {"email": "waiting@example.com"})).registration

    def happening() -> None:
        push(waiting.pk)
        push(submit(upcoming, FormData(NAMES | {"email": "at-once@example.com"})).registration.pk)

    found = compare(upcoming, client_with_change(upcoming, happening))
    assert found.adds_up
    assert found.on_platform == len(emails(simulator, upcoming))
    assert different(found) == [("at-once@example.com", Reason.NEW)]


@pytest.mark.rule(9)
def test_a_sync_that_ends_between_the_two_reads_adds_up(
    simulator: SimulatorProcess, webinar: ByLabel
) -> None:
    upcoming = webinar("upcoming")
    run_sync(upcoming)
    SyncRun.objects.update(started_at=timezone.now() - dt.timedelta(minutes=5))
    register_there(simulator, upcoming, "new@example.com")

    def happening() -> None:
        run = run_sync(upcoming)
        # As if the person had registered long before that sync began.
        SyncRun.objects.filter(pk=run.pk).update(
            started_at=timezone.now() + dt.timedelta(minutes=5)
        )

    found = compare(upcoming, client_with_change(upcoming, happening))
    assert found.adds_up
    assert different(found) == [("new@example.com", Reason.NEW)]


@pytest.mark.rule(5)
def test_a_person_deleted_while_the_lists_are_read_is_not_stored_by_name(
    simulator: SimulatorProcess, webinar: ByLabel, monkeypatch: pytest.MonkeyPatch
) -> None:
    upcoming = webinar("upcoming")
    run_sync(upcoming)
    cancelled, unknown = emails(simulator, upcoming)[0], "unknown@example.com"
    simulator.control("POST", "cancel", {"webinar": upcoming.key, "email": cancelled})
    register_there(simulator, upcoming, unknown)
    Contact.objects.create(email=unknown, first_name="N", last_name="W")

    def then(*args: Any) -> Any:
        found = compare(*args)
        both = [email_key(cancelled), email_key(unknown)]
        delete_contacts(Contact.objects.filter(email_key__in=both), permanent=True)
        return found

    monkeypatch.setattr(job, "compare", then)
    assert checked(upcoming) == "done"
    rows = ReconciliationDifference.objects.exclude(reason=Reason.TWICE).order_by("side")
    assert [(row.side, row.registration, row.email, row.name) for row in rows] == [
        ("here", None, "", ""),
        ("platform", None, "", ""),
    ]


@pytest.mark.rule(5)
def test_deleting_a_person_takes_the_name_out_of_reconciliations(webinar: ByLabel) -> None:
    reconciliation = Reconciliation.objects.create(
        webinar=webinar("upcoming"), requested_at=timezone.now()
    )
    row = reconciliation.differences.create(
        reason=Reason.NEW, side=Side.PLATFORM, email="A@x.org", email_key="a@x.org", name="A B"
    )
    Contact.objects.create(email="a@X.org", first_name="A", last_name="B").delete()
    row.refresh_from_db()
    assert (row.email, row.email_key, row.name) == ("", "", "")


def test_a_failure_is_reported_in_a_sentence_and_gotos_message(
    simulator: SimulatorProcess, webinar: ByLabel
) -> None:
    upcoming = webinar("upcoming")
    assert checked(upcoming) == "done"
    simulator.control("POST", "revoke-refresh-token", {})
    for _ in range(jobs.KEPT + 2):
        assert checked(upcoming) == "failed"
    failed = upcoming.reconciliations.first()
    assert failed is not None
    assert "signed us out" in failed.error
    # Failures do not remove earlier results.
    states = list(upcoming.reconciliations.values_list("state", flat=True))
    assert states == ["failed"] * jobs.KEPT + ["done"]


def test_two_clicks_are_one_check_and_only_the_newest_checks_are_stored(webinar: ByLabel) -> None:
    upcoming = webinar("upcoming")
    assert job.request(upcoming, None) and job.request(upcoming, None)
    assert OrmQ.objects.count() == 1
    assert tasks.compare(upcoming.pk) == "done"
    # A task that is delivered twice finds nothing to do.
    assert tasks.compare(upcoming.pk) == "no one waits for it"
    assert upcoming.reconciliations.count() == 1
    for _ in range(jobs.KEPT):
        assert checked(upcoming) == "done"
    assert upcoming.reconciliations.count() == jobs.KEPT


def test_a_task_that_got_lost_is_queued_again_by_the_next_click(webinar: ByLabel) -> None:
    upcoming = webinar("upcoming")
    job.request(upcoming, None)
    Reconciliation.objects.update(requested_at=timezone.now() - dt.timedelta(minutes=1))
    assert job.request(upcoming, None) and job.request(upcoming, None)
    assert OrmQ.objects.count() == 2


def test_one_check_at_a_time_and_a_dead_one_is_aborted(webinar: ByLabel) -> None:
    upcoming = webinar("upcoming")
    now = timezone.now()
    dead = Reconciliation.objects.create(
        webinar=upcoming,
        state=State.RUNNING,
        requested_at=now,
        started_at=now,
        lease_until=now + lease.LEASE,
    )
    assert job.request(upcoming, None) and not OrmQ.objects.exists()
    assert tasks.compare(upcoming.pk) == "no one waits for it"
    Reconciliation.objects.update(lease_until=now - dt.timedelta(seconds=1))
    assert checked(upcoming) == "done"
    dead.refresh_from_db()
    assert (dead.state, dead.error) == (
        State.FAILED,
        "The process that checked was ended. Check again.",
    )


def test_an_aborted_one_writes_nothing_when_it_resumes(
    webinar: ByLabel, monkeypatch: pytest.MonkeyPatch
) -> None:
    upcoming = webinar("upcoming")

    def claim_lost(*args: Any) -> Any:
        Reconciliation.objects.update(
            state=State.FAILED, error_code="gone", finished_at=timezone.now(), lease_until=None
        )
        return compare(*args)

    monkeypatch.setattr(job, "compare", claim_lost)
    assert checked(upcoming) == "failed"
    found = upcoming.reconciliations.get()
    assert (found.state, found.error, found.here) == (State.FAILED, "gone", 0)
    assert not found.differences.exists()
