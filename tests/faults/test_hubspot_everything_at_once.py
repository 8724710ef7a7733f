"""Handing over to HubSpot, during faults (rule 12).

`make test-faults` runs it for minutes, with a thousand people; by default it is short. FAULT_SEED
chooses another sequence.
"""

import json
import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import environ
import pytest
from django.db import connections

from core.models import OutboxDelivery
from destinations.hubspot.reasons import SAME_CONTACT
from destinations.models import MarketingEvent, Participation, Portal, WebinarHandover
from destinations.models import portal as portals
from simulators.gotowebinar.process import SimulatorProcess
from simulators.hubspot.process import HubSpotProcess
from tests.destinations.portal import NEVER
from tests.faults.hubspot_scenario import (
    ARCHIVED_THERE,
    CANCELS,
    DELETED_HERE,
    DOMAIN,
    ERASED_HERE,
    ERASED_THERE,
    MERGED_HERE,
    MERGED_THERE,
    PLAIN,
    TWINS_THERE,
    WORKERS,
    HubSpotScenario,
)
from tests.installation import Installation

pytestmark = pytest.mark.rule(12)
SECONDS = float(os.environ.get("FAULT_SECONDS", "8"))
SEED = int(os.environ.get("FAULT_SEED", "20261127"))
# From one minute on everyone registers; in the short form of `make test` they are fewer.
PEOPLE = 1000 if SECONDS >= 60 else 150
# Seconds between two kills, and between two moves of the clock.
KILL_EVERY, TIME_PASSES_EVERY = (6.0, 3.0) if SECONDS >= 60 else (3.0, 2.0)
MISBEHAVE = 0.4
# All are registered after this share of the time.
COMING = 0.7
# A call that was in progress when a person was deleted here arrives within this time.
UNDER_WAY_MS = 2000
# The maximum of pending work for HubSpot when it accepts calls again.
QUIET_SECONDS = 180
STATE_OF = {"register": "REGISTERED", "cancel": "CANCELLED", "attend": "ATTENDED"}
# Why people may finally differ between here and HubSpot, and who.
EXPLAINED = {
    "handover.gone": {ARCHIVED_THERE, ERASED_THERE},
    SAME_CONTACT: {TWINS_THERE},
    # Sent, and deleted before it was confirmed.
    "handover.unconfirmed": {ARCHIVED_THERE, ERASED_THERE, TWINS_THERE},
}


@pytest.fixture
def simulator() -> Iterator[SimulatorProcess]:
    with SimulatorProcess(webinars=1, registrants=1) as process:
        yield process


@pytest.fixture
def hubspot_alone() -> Iterator[HubSpotProcess]:
    with HubSpotProcess(contacts=20, seed=3, rate_limit=190, latency_ms=20) as process:
        yield process


@pytest.fixture
def installation(
    hubspot_alone: HubSpotProcess,
    simulator: SimulatorProcess,
    database_url: str,
    tmp_path: Path,
    settings: Any,
    django_db_blocker: Any,
) -> Iterator[Installation]:
    """Two workers; the database of the installation is the default one here, so that the product's
    own code writes into it."""
    settings.HUBSPOT_API_URL = hubspot_alone.api_url
    former, known = connections.settings["default"], connections["default"]
    own = {"HUBSPOT_API_URL": hubspot_alone.api_url, "LOG_LEVEL": "DEBUG"}
    with (
        Installation(database_url, simulator, tmp_path, **own) as started,
        django_db_blocker.unblock(),
    ):
        connections.settings["default"] = former | environ.Env.db_url_config(database_url)
        del connections["default"]
        portals.forget_connected()
        try:
            started.add("worker2", like="worker")
            yield started
        finally:
            connections["default"].close()
            connections.settings["default"] = former
            connections["default"] = known
            portals.forget_connected()


def test_everyone_is_in_hubspot_once_afterwards(
    hubspot_alone: HubSpotProcess, installation: Installation
) -> None:
    print(f"seed {SEED}, {SECONDS:.0f} seconds, {PEOPLE} people")
    scenario = HubSpotScenario(hubspot_alone, installation, random.Random(SEED), PEOPLE)
    scenario.register(PEOPLE // 4)
    for name in WORKERS:
        installation.start(name)
    run_scenario(scenario)
    began = time.monotonic()
    wait_until_idle(scenario)
    print(dict(scenario.happened), f"quiet after {time.monotonic() - began:.0f} s")
    truth = hubspot_alone.truth()
    print_counts(scenario, truth)
    no_one_twice(scenario, truth)
    each_participation_once(scenario, truth)
    no_one_was_changed(scenario, truth)
    no_one_came_back(scenario, truth)
    nothing_was_overwritten(hubspot_alone)
    the_reconciliation_adds_up(scenario)
    nothing_is_in_a_log(scenario)


def run_scenario(scenario: HubSpotScenario) -> None:
    began, kills, hours = time.monotonic(), 0, 0
    while (passed := time.monotonic() - began) < SECONDS or not scenario.had_everything:
        due = int(len(scenario.people) * passed / SECONDS / COMING)
        scenario.register(max(1, due - scenario.happened["registered"]))
        scenario.register_again()
        scenario.make_random_changes(int(len(scenario.people) / SECONDS / 4))
        if scenario.chance.random() < MISBEHAVE:
            scenario.misbehave()
        if not scenario.happened["revoked"] and passed > SECONDS * 0.4:
            scenario.revoke()
        elif (
            scenario.happened["revoked"] > scenario.happened["reconnected"]
            and passed > SECONDS * 0.5
        ):
            scenario.reconnect()
        if passed > (kills + 1) * KILL_EVERY:
            kills += 1
            (scenario.kill_all if kills % 3 == 2 else scenario.kill_one)()
        if passed > (hours + 1) * TIME_PASSES_EVERY:
            hours += 1
            scenario.time_passes()
        time.sleep(scenario.chance.uniform(0.1, 0.5))
    assert scenario.happened["reconnected"] == 1


def wait_until_idle(scenario: HubSpotScenario) -> None:
    """HubSpot works again; claims of killed workers have expired, and workers do the rest."""
    for name in WORKERS:
        scenario.installation.kill(name)
    scenario.hubspot.control("POST", "fail/clear")
    scenario.hubspot.control("POST", "rate-limit", {"limit": 1000})
    Portal.objects.update(calls_per_10_s=1000)
    scenario.nothing_is_claimed()
    WebinarHandover.objects.update(planned_at=None)
    for name in WORKERS:
        scenario.installation.start(name)
    deadline = time.monotonic() + QUIET_SECONDS
    while waiting := pending_work(scenario):
        assert time.monotonic() < deadline, waiting


def pending_work(scenario: HubSpotScenario) -> dict[str, int]:
    """Return all pending work, except what can no longer be seen in HubSpot."""
    scenario.make_random_changes(20)
    scenario.time_passes()
    time.sleep(0.5)
    gone = [p.contact_id for p in scenario.of_role(ARCHIVED_THERE, ERASED_THERE, TWINS_THERE)]
    handovers = WebinarHandover.objects.order_by("pk")
    waiting = {
        "in store": len(scenario.unhappened),
        "events": OutboxDelivery.objects.count(),
        "to be sent": Participation.objects.pending().count(),
        "to be confirmed": Participation.objects.sent().exclude(contact__in=gone).count(),
        "to be planned": handovers.filter(planned_at=None).count(),
        "to be completed": MarketingEvent.objects.filter(
            handover__webinar__in=scenario.webinars[3:], completed_at=None
        ).count(),
    }
    return {name: count for name, count in waiting.items() if count}


# -- the final state -------------------------------------------------------------------------------


def live(truth: dict[str, Any]) -> dict[str, list[str]]:
    """Return the ids of the contacts that are in HubSpot, by each of their addresses."""
    found: dict[str, list[str]] = {}
    for row in truth["contacts"]:
        if not row["archived"]:
            for email in {row["properties"].get("email", ""), *row["additional_emails"]}:
                found.setdefault(email, []).append(row["id"])
    return found


def print_counts(scenario: HubSpotScenario, truth: dict[str, Any]) -> None:
    states = Counter(row["state"] for row in truth["participations"])
    calls = Counter(str(call["status"]) for call in scenario.hubspot.calls())
    rows = Counter(Participation.objects.values_list("state", flat=True))
    print(len(truth["contacts"]), "contacts", dict(states), "calls", dict(calls), dict(rows))


def no_one_twice(scenario: HubSpotScenario, truth: dict[str, Any]) -> None:
    """Each address has one contact; everyone who still exists there has one."""
    found = live(truth)
    assert {email: ids for email, ids in found.items() if len(ids) > 1} == {}
    there = [p for p in scenario.people if p.role in (PLAIN, CANCELS, MERGED_THERE)]
    assert [p.email for p in there if p.email not in found] == []
    for person in scenario.people:
        if person.role in (MERGED_HERE, TWINS_THERE):
            assert {person.email, scenario.twin_of(person).email} & found.keys()


def activities(truth: dict[str, Any]) -> dict[str, list[tuple[str, str, int]]]:
    """Return HubSpot's data of each contact, by id."""
    found: dict[str, list[tuple[str, str, int]]] = {}
    for row in truth["participations"]:
        found.setdefault(row["contact"], []).append(
            (row["event"], row["state"], row["occurred_at"])
        )
    return found


def each_participation_once(scenario: HubSpotScenario, truth: dict[str, Any]) -> None:
    """Each with its time, and nothing else."""
    ids, held = live(truth), activities(truth)
    for person in scenario.people:
        mine = [each for key in ids.get(person.email, []) for each in held.get(key, [])]
        if person.role in (PLAIN, CANCELS, MERGED_THERE):
            assert sorted(mine) == sorted(person.wanted), person
        elif person.role in (MERGED_HERE, TWINS_THERE):
            twin = scenario.twin_of(person)
            both = {key for p in (person, twin) for key in ids.get(p.email, [])}
            mine = [each for key in both for each in held.get(key, [])]
            assert set(mine) <= person.wanted | twin.wanted, person
            lacking = {each[:2] for each in person.wanted | twin.wanted} - {
                each[:2] for each in mine
            }
            # One contact there has one person's participation, which is reported.
            left_out = Participation.objects.filter(
                contact__in=[person.contact_id, twin.contact_id], reason_code=SAME_CONTACT
            )
            states = left_out.values_list("event__handover__webinar__key", "kind")
            assert lacking <= {(key, STATE_OF[kind]) for key, kind in states}, person
        else:
            assert len(mine) == len(set(mine)), person
            assert set(mine) <= person.wanted, person


def no_one_was_changed(scenario: HubSpotScenario, truth: dict[str, Any]) -> None:
    """Contacts that HubSpot had before have the same values, with the same history."""
    now = {row["id"]: row for row in truth["contacts"]}
    there = {key: history for key, history in scenario.before.items() if key in now}
    assert {key for key, history in there.items() if now[key]["history"] != history} == set()
    erased = {row["email"] for row in truth["erased"]}
    gone = set(scenario.before) - set(there) - scenario.merged_ids
    assert len(gone) <= len(erased)
    for person in scenario.of_role(MERGED_THERE):
        (survivor,) = (now[key] for key in live(truth)[person.email])
        assert survivor["properties"]["email"] == f"other{person.number}@{DOMAIN}"
        assert survivor["properties"]["city"] == "Bergen"


def no_one_came_back(scenario: HubSpotScenario, truth: dict[str, Any]) -> None:
    """Contacts deleted there are not created again, people deleted here not any more."""
    found, rows = live(truth), {row["id"]: row for row in truth["contacts"]}
    for person in scenario.of_role(ARCHIVED_THERE, ERASED_THERE):
        assert person.email not in found, person
    for person in scenario.of_role(DELETED_HERE, ERASED_HERE):
        for key in found.get(person.email, []):
            created = rows[key]["history"]["email"][-1]["timestamp"]
            assert created <= person.happened_at + UNDER_WAY_MS, person


def nothing_was_overwritten(hubspot: HubSpotProcess) -> None:
    """No call was made that could change a contact."""
    calls = {(call["method"], call["path"]) for call in hubspot.calls()}
    assert not [path for _, path in calls if any(each in path for each in NEVER)]
    assert not [path for method, path in calls if method == "PATCH" and "/contacts" in path]


def the_reconciliation_adds_up(scenario: HubSpotScenario) -> None:
    found = json.loads(scenario.installation.ask("hubspot_status", "--json"))["webinars"]
    assert len(found) == len(scenario.webinars)
    roles = {person.email: person.role for person in scenario.people}
    reasons: Counter[tuple[str, str]] = Counter()
    for row in found:
        assert not row["error"]
        assert row["people"] == row["handed_over"] + len(row["differences"])
        assert row["in_step"] == (not row["differences"])
        there = row["hubspot"]
        assert there is not None
        reasons.update((item["reason"], roles[item["email"]]) for item in row["differences"])
    print("differences", dict(reasons))
    assert not [pair for pair in reasons if pair[1] not in EXPLAINED.get(pair[0], ())]


def nothing_is_in_a_log(scenario: HubSpotScenario) -> None:
    """No token, and no address."""
    for path in scenario.installation.folder.glob("*.log"):
        text = path.read_text(errors="replace")
        assert not [token for token in scenario.tokens if token in text], path.name
        assert DOMAIN not in text, path.name
