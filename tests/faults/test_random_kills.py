"""A kill at any time loses no submission and registers no one twice."""

import os
import random
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.conf import Conf
from django_q.tasks import async_task

from contacts.models import Activity
from registration_forms.links import form_path
from registration_forms.models import Submission
from simulators.gotowebinar.process import SimulatorProcess
from sync.models import SyncRun
from tests.faults.conftest import HERE, key_of, registrations, until
from tests.faults.crowd import Crowd
from tests.faults.fault_injection import PROCESSES, Havoc
from tests.installation import Installation
from webinars.models import Registration, Webinar

State = Registration.State
Kind = Activity.Kind
SECONDS = float(os.environ.get("FAULT_SECONDS", "8"))
# Another sequence: CHAOS_SEED=7 pytest tests/faults
SEED = int(os.environ.get("CHAOS_SEED", "20261123"))
# From one minute on everyone registers; in the short form of `make test` they are fewer.
PEOPLE, REFUSED, SEATS = (500, 40, 400) if SECONDS >= 60 else (200, 16, 160)
PER_SECOND = 18
# These register after all faults: all due people are pushed along with them.
LAST = 10


def test_no_one_is_lost_or_registered_twice(
    simulator: SimulatorProcess, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    people = crowd_of(chance)
    key = key_of(simulator)
    before = emails_there(simulator, key)
    simulator.control("POST", "set-limit", {"webinar": key, "limit": len(before) + SEATS})
    webinar = Webinar.objects.using(HERE).get(key=key)
    form = f"{installation.url}{form_path(webinar)}"
    monkeypatch.setattr(Conf, "ORM", HERE)

    crowd = Crowd(form, people[:-LAST], threads=8, per_second=PER_SECOND)
    with Havoc(
        installation,
        simulator,
        chance,
        lambda name: sync_again(name, webinar),
        crowd.give_up,
        PEOPLE / PER_SECOND,
    ) as injection:
        crowd.wait()
    print(dict(injection.done), f"{crowd.reposted} posted again")
    wait_until_idle(installation)
    late = Crowd(form, people[-LAST:], threads=2, per_second=50)
    late.wait()
    assert crowd.unexpected + late.unexpected == []
    assert crowd.answered | late.answered == set(people)
    until(lambda: not registrations(webinar).filter(state=State.PENDING).exists())
    installation.manage("sync_webinars", "--webinar", key)

    no_one_is_lost(people, webinar)
    no_one_is_there_twice(simulator, webinar, before)
    each_entry_is_stored_once(webinar)


def crowd_of(chance: random.Random) -> list[str]:
    """Return everyone's email; GoTo refuses those of one domain."""
    domains = ["blocked.example"] * REFUSED + ["example.com"] * (PEOPLE - REFUSED)
    chance.shuffle(domains)
    return [f"person{number}@{domain}" for number, domain in enumerate(domains)]


def emails_there(simulator: SimulatorProcess, key: str) -> list[str]:
    return [person["email"].casefold() for person in simulator.truth(key)["registrants"]]


def sync_again(killed: str, webinar: Webinar) -> None:
    """Run a sync of the same webinar during the pushes. A killed worker's lease would expire within
    a minute; here the minute has passed."""
    runs = SyncRun.objects.using(HERE).filter(state=SyncRun.State.RUNNING)
    if killed == "worker":
        runs.update(lease_until=timezone.now() - timedelta(seconds=1))
    async_task("sync.tasks.sync_webinar", webinar.pk, SyncRun.Trigger.SCHEDULE.value)


def wait_until_idle(installation: Installation) -> None:
    """Start everything again, after all claims have expired."""
    for name in PROCESSES:
        installation.kill(name)
    pending = Registration.objects.using(HERE).filter(state=State.PENDING)
    print(f"{pending.count()} pending after the kills")
    pending.update(next_push_at=timezone.now())
    SyncRun.objects.using(HERE).filter(state=SyncRun.State.RUNNING).update(
        lease_until=timezone.now() - timedelta(seconds=1)
    )
    for name in PROCESSES:
        installation.start(name)
    installation.wait_for_web()


def no_one_is_lost(people: list[str], webinar: Webinar) -> None:
    """Each answered visitor has one registration, in a state that matches the answer."""
    posted = registrations(webinar).filter(contact__email__in=people)
    rows = list(posted.select_related("contact"))
    assert sorted(row.contact.email for row in rows) == sorted(people)
    assert {row.source for row in rows} == {Registration.Source.FORM}
    states = Counter(row.state for row in rows)
    print(dict(states))
    assert set(states) == {State.REGISTERED, State.OVERFLOW, State.REJECTED}
    assert states[State.REGISTERED] == SEATS
    for row in rows:
        if row.state == State.REJECTED:
            assert row.contact.email.endswith("@blocked.example")
            assert row.platform_message and row.problem and row.rejected_fields == ["email"]


def no_one_is_there_twice(simulator: SimulatorProcess, webinar: Webinar, before: list[str]) -> None:
    """GoTo has everyone registered here, each once."""
    registered = registrations(webinar).filter(state=State.REGISTERED)
    # People who were at GoTo before are not ours, one of them twice.
    here = Counter(registered.values_list("contact__email_key", flat=True)) - Counter(set(before))
    there = Counter(emails_there(simulator, webinar.key)) - Counter(before)
    assert there == here
    assert max(there.values()) == 1
    keys = registered.values_list("registrant_key", flat=True)
    assert "" not in keys and len(set(keys)) == len(keys)


def each_entry_is_stored_once(webinar: Webinar) -> None:
    """A timeline has each submission, and its result once."""
    wanted = {str(State.REGISTERED): Kind.REGISTERED, str(State.OVERFLOW): Kind.OVERFLOW}
    for row in registrations(webinar).filter(submissions__isnull=False).distinct():
        lines = Counter(
            Activity.objects.using(HERE)
            .filter(contact=row.contact_id)
            .values_list("kind", flat=True)
        )
        submissions = Submission.objects.using(HERE).filter(registration=row).count()
        assert lines.pop(Kind.SUBMITTED) == submissions
        refusals = lines.pop(Kind.REJECTED, 0)
        # A new submission after a refusal is sent to GoTo again.
        assert refusals <= submissions and (refusals > 0) == (row.state == State.REJECTED)
        assert lines == ({wanted[row.state]: 1} if row.state in wanted else {})
