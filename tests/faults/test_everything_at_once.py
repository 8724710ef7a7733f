"""All activity of an installation, during faults.

`make test-faults` runs it for minutes; by default it is short. FAULT_SEED chooses another sequence.
"""

import datetime as dt
import json
import os
import random
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import Schedule

from contact_imports.models import ContactImport
from contacts.models import Activity, Contact
from core.models import QueuedJob
from core.queue import LOST_AFTER
from mailings.models import Mailing, Recipient
from platforms.models import WebhookSetup
from registration_forms.links import form_path
from simulators.gotowebinar.process import SimulatorProcess
from sync.lease import LEASE
from sync.models import SyncRun
from tests.faults.conftest import HERE, until
from tests.faults.crowd import Crowd
from tests.faults.fault_injection import PROCESSES, Havoc
from tests.faults.next_version import BY_NEXT, BY_THIS
from tests.faults.scenario import IMPORTED, LABELS, Scenario
from tests.faults.servers import Postgres, postgres_to_kill
from tests.faults.test_random_kills import each_entry_is_stored_once, wait_until_idle
from tests.installation import Installation, scratch_database
from webinars.models import Registration, Webinar

SECONDS = float(os.environ.get("FAULT_SECONDS", "8"))
SEED = int(os.environ.get("FAULT_SEED", "20261124"))
PER_SECOND = 8
State = Registration.State


@pytest.fixture
def simulator() -> Iterator[SimulatorProcess]:
    with SimulatorProcess(webinars=12, registrants=150) as process:
        yield process


@pytest.fixture
def latency_ms() -> int:
    return 20


@pytest.fixture
def labels() -> tuple[str, ...]:
    return LABELS


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Emails are written to files; the second worker runs the schedules too."""
    return {"EMAIL_URL": f"filemail:///{tmp_path / 'mails'}"}


@pytest.fixture
def database() -> Iterator[Postgres | None]:
    """A PostgreSQL that may be killed, if the tests run on PostgreSQL."""
    if connections["default"].vendor != "postgresql":
        yield None
        return
    with postgres_to_kill() as server:
        yield server


@pytest.fixture
def database_url(
    database: Postgres | None, migrated_database: str, tmp_path: Path
) -> Iterator[str]:
    if database is not None:
        yield database.url
        return
    with scratch_database(tmp_path, HERE, like=migrated_database) as url:
        yield url


@pytest.fixture
def scenario(
    simulator: SimulatorProcess,
    installation: Installation,
    database: Postgres | None,
    monkeypatch: pytest.MonkeyPatch,
) -> Scenario:
    monkeypatch.setattr(Conf, "ORM", HERE)
    installation.manage("install_schedules")
    installation.add("worker2", like="worker")
    installation.start("worker2")
    scenario = Scenario(simulator, installation, database, random.Random(SEED))
    scenario.switch_on_webhooks()
    return scenario


def test_everything_is_there_once_afterwards(scenario: Scenario, database: Postgres | None) -> None:
    print(f"seed {SEED}, {SECONDS:.0f} seconds")
    people = [f"person{number}@example.com" for number in range(int(SECONDS * PER_SECOND))]
    form = f"{scenario.installation.url}{form_path(scenario.coming)}"
    crowd = Crowd(form, people[1:], threads=6, per_second=PER_SECOND)
    processes = (*PROCESSES, "worker2")
    with Havoc(
        scenario.installation,
        scenario.simulator,
        scenario.chance,
        scenario.resume,
        crowd.give_up,
        SECONDS,
        processes,
    ) as injection:
        mailing, file = scenario.write(), scenario.upload_file()
        crowd.wait()
        until(lambda: scenario.had_everything)
    connections[HERE].close()
    print(dict(injection.done), dict(scenario.happened), f"{crowd.reposted} posted again")
    assert scenario.happened["deployments"] == 1
    assert bool(scenario.happened["databases killed"]) == (database is not None)
    scenario.installation.kill("worker2")
    every_claim_expires()
    as_if_that_time_had_passed()
    wait_until_idle(scenario.installation)
    start_next_minute()
    # However short the run was: the next version registers a person, and this one's pusher sends
    # them.
    late = Crowd(form, people[:1], threads=1, per_second=1)
    late.wait()
    assert crowd.unexpected + late.unexpected == []
    assert crowd.answered | late.answered == set(people)
    finish_file(scenario, file)
    finish_mailing(mailing)
    pending = Registration.objects.using(HERE).filter(state=State.PENDING)
    until(lambda: not pending.exists())
    for webinar in (scenario.coming, scenario.past):
        assert_same_people(scenario, webinar)
    no_one_twice(scenario, people)
    each_entry_is_stored_once(scenario.coming)
    assert (
        not SyncRun.objects.using(HERE)
        .filter(state=SyncRun.State.RUNNING, lease_until__lt=timezone.now())
        .exclude(webinar=None)
        .exists()
    )
    emails_once(scenario, mailing)
    both_versions_wrote()
    imported = Contact.objects.using(HERE).filter(email__startswith="file")
    assert imported.count() == IMPORTED


def every_claim_expires() -> None:
    """Everything that killed processes held is released in time, automatically."""
    now = timezone.now()
    for rows, claimed_until, longest in (
        (SyncRun.objects.filter(state=SyncRun.State.RUNNING), "lease_until", LEASE),
        (WebhookSetup.objects.all(), "lease_until", LEASE),
        (ContactImport.objects.all(), "lease_until", dt.timedelta(minutes=10)),
        # Rule 1: five minutes is the outer limit.
        (Registration.objects.filter(state=State.PENDING), "next_push_at", dt.timedelta(minutes=5)),
    ):
        late = {f"{claimed_until}__gt": now + longest}
        assert not rows.using(HERE).filter(**late).exists(), claimed_until


def both_versions_wrote() -> None:
    """Rows of the versions before and after the deployment are both valid."""
    with connections[HERE].cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT tomorrow FROM {Registration._meta.db_table}")
        assert {row[0] for row in cursor.fetchall()} == {BY_THIS, BY_NEXT}


def as_if_that_time_had_passed() -> None:
    past = timezone.now() - dt.timedelta(hours=1)
    Recipient.objects.using(HERE).filter(claimed_at__isnull=False).update(claimed_at=past)
    ContactImport.objects.using(HERE).filter(lease_until__isnull=False).update(lease_until=past)
    WebhookSetup.objects.using(HERE).update(claim="", lease_until=None)


def start_next_minute() -> None:
    """What was lost with a killed worker blocks nothing any more, and the schedules are due."""
    lost = timezone.now() - LOST_AFTER
    QueuedJob.objects.using(HERE).update(queued_at=lost)
    Schedule.objects.using(HERE).update(next_run=timezone.now())


def finish_file(scenario: Scenario, number: int) -> None:
    """A file is written completely or not at all, regardless of kills."""
    item = ContactImport.objects.using(HERE).filter(pk=number)
    until(lambda: not scenario.is_being_read(number))
    if item.filter(state=ContactImport.State.UPLOADED).exists():
        scenario.check_file(number)
    until(lambda: item.filter(state=ContactImport.State.CHECKED).exists())
    scenario.post(f"/contacts/import/{number}/run/")
    until(lambda: item.filter(state=ContactImport.State.DONE).exists())


def finish_mailing(number: int) -> None:
    item = Mailing.objects.using(HERE).filter(pk=number)
    until(lambda: item.filter(state=Mailing.State.DONE).exists())


def assert_same_people(scenario: Scenario, webinar: Webinar) -> None:
    """After one more sync every difference between the lists has a reason, and audiences are
    correct."""
    scenario.installation.manage("sync_webinars", "--webinar", webinar.key)
    found = json.loads(scenario.installation.ask("reconcile", webinar.key, "--json"))
    reasons = Counter(item["reason"] for item in found["differences"])
    print(webinar.subject, found["here"], found["goto"], dict(reasons))
    assert found["adds_up"]
    assert set(reasons) <= {"cancelled there", "same email twice"}
    there = scenario.simulator.truth(webinar.key)
    here = Registration.objects.using(HERE).filter(webinar=webinar, cancelled_at=None)
    emails = {one["email"].casefold() for one in there["registrants"]}
    assert {row.contact.email_key for row in here.select_related("contact")} == emails
    attended = {
        row.contact.email_key
        for row in here.filter(sessions_attended__gt=0).select_related("contact")
    }
    assert attended == {one["email"].casefold() for one in there["attended"]} & emails


def no_one_twice(scenario: Scenario, people: list[str]) -> None:
    there = Counter(
        one["email"].casefold()
        for one in scenario.simulator.truth(scenario.coming.key)["registrants"]
    )
    assert {there[person] for person in people} == {1}


def emails_once(scenario: Scenario, number: int) -> None:
    """No one got two emails; everyone marked as sent has one."""
    text = "".join(path.read_text() for path in (scenario.installation.folder / "mails").iterdir())
    got = Counter(_readable(to) for to in re.findall(r"^To: (\S+)$", text, re.MULTILINE))
    rows = Recipient.objects.using(HERE).filter(mailing=number).select_related("contact")
    states: dict[str, set[str]] = {}
    for row in rows:
        states.setdefault(str(row.state), set()).add(row.contact.email)
    print({state: len(emails) for state, emails in states.items()}, got.total(), "mails")
    assert got and max(got.values()) == 1
    assert states["sent"] <= set(got) <= states["sent"] | states.get("unknown", set())
    assert set(states) <= {"sent", "unknown", "skipped"}
    lines = Activity.objects.using(HERE).filter(kind=Activity.Kind.MAILED)
    assert lines.count() == len(states["sent"])


def _readable(address: str) -> str:
    """Return an address as stored here: an email's header has domains in their ASCII form."""
    local, _, domain = address.partition("@")
    return f"{local}@{domain.encode().decode('idna')}" if "xn--" in domain else address
