"""A dry run shows what a sync would do, and does nothing."""

from collections.abc import Callable

import pytest
from django_q.models import OrmQ

from contacts.models import Contact
from platforms.models import Connection
from simulators.gotowebinar.process import SimulatorProcess
from sync import dry_run, tasks
from sync.models import DryRun
from tests.fixtures.goto import run_sync
from tests.fixtures.world import signed_in
from webinars.models import Registration, Webinar
from webinarsync import roles

ByLabel = Callable[[str], Webinar]


def planned(webinar: Webinar) -> DryRun:
    dry_run.request(webinar, None)
    assert tasks.dry_run(webinar.pk) == "done"
    found = webinar.dryruns.first()
    assert found is not None
    return found


@pytest.fixture
def webinar_that_ran(webinar: ByLabel) -> Webinar:
    return webinar("past")


def test_what_is_planned_is_what_a_sync_then_does(webinar_that_ran: Webinar) -> None:
    plan = planned(webinar_that_ran)
    assert not Contact.objects.exists() and not Registration.objects.exists()
    run = run_sync(webinar_that_ran)
    assert plan.contacts == run.new_contacts > 0
    assert plan.registrations == run.new_registrations > 0
    assert plan.attendances == run.new_attendances > 0
    after = planned(webinar_that_ran)
    assert after.changes_nothing
    assert after.calls > 0


def test_a_second_click_starts_no_second_one(webinar_that_ran: Webinar) -> None:
    assert dry_run.request(webinar_that_ran, None) and dry_run.request(webinar_that_ran, None)
    assert OrmQ.objects.count() == 1
    assert tasks.dry_run(webinar_that_ran.pk) == "done"
    assert tasks.dry_run(webinar_that_ran.pk) == "no one waits for it"


def test_a_refusal_reaches_the_page_in_words(
    simulator: SimulatorProcess, webinar_that_ran: Webinar
) -> None:
    client = signed_in(roles.MARKETERS)
    simulator.control("POST", "revoke-refresh-token", {})
    Connection.objects.update(expires_at=None, access_token="old")
    client.post(f"/webinars/{webinar_that_ran.pk}/syncs/dry-run/")
    waiting = client.get(f"/webinars/{webinar_that_ran.pk}/syncs/").content.decode()
    assert 'http-equiv="refresh"' in waiting
    assert tasks.dry_run(webinar_that_ran.pk) == "failed"
    shown = client.get(f"/webinars/{webinar_that_ran.pk}/syncs/").content.decode()
    failed = webinar_that_ran.dryruns.first()
    assert failed is not None and failed.error
    assert 'role="status" class="ws-health-danger"' in shown
    connection = Connection.objects.get()
    assert connection.refused_since is not None
    assert 'http-equiv="refresh"' not in shown


def test_the_page_shows_the_plan_and_the_runs(webinar_that_ran: Webinar) -> None:
    client = signed_in(roles.MARKETERS)
    address = f"/webinars/{webinar_that_ran.pk}/syncs/"
    assert "has not been synced yet" in client.get(address).content.decode()
    plan = planned(webinar_that_ran)
    run = run_sync(webinar_that_ran)
    shown = client.get(address).content.decode()
    assert f"<dd>{plan.registrations}</dd>" in shown
    assert f'data-label="New registrations">{run.new_registrations}</td>' in shown
