"""Compare with GoToWebinar, person by person; the numbers add up."""

import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from contacts.models import Contact
from core.emails import email_key
from platforms.models import Connection
from registration_forms.registrations import FormData, submit
from simulators.gotowebinar.process import SimulatorProcess
from sync.push.push import push
from tests.fixtures.goto import run_sync
from webinars.models import Webinar

ByLabel = Callable[[str], Webinar]


def printed(command: str, *words: str, **options: Any) -> Any:
    out = StringIO()
    call_command(command, *words, json=True, stdout=out, **options)
    return json.loads(out.getvalue())


@pytest.mark.rule(9)
def test_every_difference_has_its_reason_and_the_numbers_add_up(
    simulator: SimulatorProcess, webinar: ByLabel
) -> None:
    full = webinar("full")
    run_sync(full)
    people = [item["email"] for item in simulator.truth(full.key)["registrants"]]
    cancelled, unseen, deleted = people[0], people[1], people[2]
    simulator.control("POST", "cancel", {"webinar": full.key, "email": cancelled})
    run_sync(full)
    simulator.control("POST", "cancel", {"webinar": full.key, "email": unseen})
    Contact.objects.get(email_key=email_key(deleted)).delete()
    names = {"first_name": "A", "last_name": "B"}
    simulator.control("POST", "set-limit", {"webinar": full.key, "limit": 5000})
    push(submit(full, FormData({**names, "email": "no@blocked.example"})).registration.pk)
    simulator.control("POST", "set-limit", {"webinar": full.key, "limit": 1})
    push(submit(full, FormData({**names, "email": "late@example.com"})).registration.pk)
    submit(full, FormData({**names, "email": "waiting@example.com"}))
    simulator.control(
        "POST",
        "register",
        {"webinar": full.key, "email": "new@example.com", "firstName": "N", "lastName": "W"},
    )
    answer = printed("reconcile", full.key)
    found = {(email_key(d["email"]), d["reason"], d["side"]) for d in answer["differences"]}
    assert found == {
        (email_key(cancelled), "cancelled there", "here"),
        (email_key(unseen), "cancelled there", "here"),
        (email_key(deleted), "deleted here", "goto"),
        ("late@example.com", "overflow", "here"),
        ("waiting@example.com", "pending", "here"),
        ("no@blocked.example", "rejected", "here"),
        ("new@example.com", "new since the last sync", "goto"),
    }
    assert answer["adds_up"] is True
    assert answer["goto"] == len(simulator.truth(full.key)["registrants"])
    assert answer["here"] == full.registrations.count()


@pytest.mark.rule(9)
def test_a_difference_without_a_reason_does_not_add_up(
    simulator: SimulatorProcess, webinar: ByLabel
) -> None:
    full = webinar("full")
    run_sync(full)
    lost = full.registrations.earliest("registered_at")
    full.registrations.filter(pk=lost.pk).delete()
    answer = printed("reconcile", full.key)
    assert answer["adds_up"] is False
    assert [item["reason"] for item in answer["differences"]] == ["unexplained"]


@pytest.mark.rule(1)
def test_only_switched_on_webinars_are_synced(webinar: ByLabel, connection: Connection) -> None:
    assert printed("sync_webinars") == {"runs": []}
    full = webinar("full")
    with pytest.raises(CommandError, match="--activate"):
        printed("sync_webinars", webinar=[full.key])
    answer = printed("sync_webinars", webinar=[full.key], activate=True)
    assert [(run["webinar"], run["state"], run["error"]) for run in answer["runs"]] == [
        (full.key, "done", None)
    ]
    assert set(answer["runs"][0]["created"]) == {
        "contacts",
        "registrations",
        "attendances",
        "activities",
    }
    assert [run["webinar"] for run in printed("sync_webinars")["runs"]] == [full.key]


def test_a_dry_run_writes_nothing_and_shows_what_would_be(
    simulator: SimulatorProcess, webinar: ByLabel
) -> None:
    full = webinar("full")
    answer = printed("sync_webinars", webinar=[full.key], activate=True, dry_run=True)
    people = len(simulator.truth(full.key)["registrants"])
    assert answer["runs"][0]["created"]["registrations"] == people
    assert not Contact.objects.exists()
    assert not Webinar.objects.filter(sync_enabled=True).exists()


@pytest.mark.rule(8)
def test_the_audience_command_prints_its_people(
    simulator: SimulatorProcess, webinar: ByLabel
) -> None:
    past = webinar("past")
    run_sync(past)
    answer = printed("audience", past.key, "attended")
    there = simulator.truth(past.key)["attended"]
    assert answer["count"] == len(answer["people"]) == len(there)
    assert set(answer["people"][0]) == {
        "email",
        "first_name",
        "last_name",
        "registrant_key",
        "minutes_attended",
    }
    with pytest.raises(CommandError, match="There are: registered"):
        call_command("audience", past.key, "nobody")
    with pytest.raises(CommandError, match="no webinar with the key"):
        call_command("audience", "1", "attended")
