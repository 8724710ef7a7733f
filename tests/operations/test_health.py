"""The endpoints for load balancers and monitoring."""

import datetime as dt
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from django_q.models import Schedule
from prometheus_client.parser import text_string_to_metric_families

from contacts.models import Contact
from core import outbox
from core.models import CallCount, OutboxEvent
from core.outbox import Reader
from operations import health
from platforms.client_factory import call_key
from platforms.models import Connection, WebhookSetup
from sync.models import SyncRun
from tests.core.outbox_readers import RecordingReader, registered
from tests.factories import connection_in
from tests.fixtures.world import World
from webinars.models import Registration


@pytest.fixture
def probe() -> Client:
    """A load balancer: it requests by IP address, without https, and follows no redirect."""
    return Client(headers={"host": "10.1.2.3:8000"})


def test_alive_without_a_database(probe: Client, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    answer = probe.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer["Cache-Control"] == "no-store"
    assert probe.post("/health/live").status_code == 405


def test_ready_when_the_tables_are_those_of_this_code(
    db: None, probe: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert probe.get("/health/ready").status_code == 200
    monkeypatch.setattr(health, "_up_to_date", False)
    monkeypatch.setattr("operations.health.MigrationExecutor.migration_plan", lambda *_: ["one"])
    answer = probe.get("/health/ready")
    assert (answer.status_code, "manage.py migrate" in answer.json()["why"]) == (503, True)


def test_not_ready_without_the_database(probe: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise OperationalError("secret-host is away")

    monkeypatch.setattr(health, "_tables_fit", away)
    monkeypatch.setattr(health, "delays", away)
    for address in ("/health/ready", "/health/sync"):
        answer = probe.get(address)
        assert answer.status_code == 503
        assert answer.json()["why"] == "the database does not answer"


def test_on_time(installed: World, probe: Client) -> None:
    answer = probe.get("/health/sync")
    assert answer.status_code == 200
    assert answer.json() | {"sync_seconds": 0, "job_seconds": 0} == {
        "status": "ok",
        "late": [],
        "webinars": 1,
        "not_yet_synced": 0,
        "sync_seconds": 0,
        "push_seconds": None,
        "event_seconds": None,
        "job_seconds": 0,
    }


def make_late(installed: World, what: str) -> None:
    now = timezone.now()
    if what == "sync":
        SyncRun.objects.update(state="done", started_at=now - dt.timedelta(minutes=50))
    elif what == "pushes":
        Registration.objects.filter(pk=installed.registrations[0].pk).update(
            state=Registration.State.PENDING, next_push_at=now - dt.timedelta(minutes=6)
        )
    else:
        Schedule.objects.update(next_run=now - dt.timedelta(minutes=6))


@pytest.mark.parametrize("what", ["sync", "pushes", "jobs"])
def test_late(installed: World, probe: Client, what: str) -> None:
    make_late(installed, what)
    answer = probe.get("/health/sync")
    assert (answer.status_code, answer.json()["late"]) == (503, [what])


@pytest.mark.parametrize("what", ["sync", "pushes"])
def test_what_waits_for_the_sign_in_is_shown_by_the_connection_only(
    installed: World, probe: Client, what: str
) -> None:
    make_late(installed, what)
    Connection.objects.update(**connection_in(Connection.State.SIGN_IN_NEEDED))
    assert probe.get("/health/sync").status_code == 200


def samples(answer: Any) -> dict[tuple[str, ...], float]:
    """Return the values of a page of metrics by name and the values of the labels."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


def test_metrics_show_what_waits_for_each_reader_of_the_outbox(
    installed: World, probe: Client, settings: Any
) -> None:
    settings.METRICS_TOKEN = "let-me-in"
    names = ("one", "two")
    with registered(*(Reader(name, frozenset({name}), RecordingReader()) for name in names)):
        outbox.write_many("one", [(1, {}), (2, {})])
        OutboxEvent.objects.update(created_at=timezone.now() - dt.timedelta(seconds=90))
        outbox.write("one", 3, {})
        answer = probe.get("/metrics", headers={"authorization": "Bearer let-me-in"})
    read = samples(answer)
    assert read["webinarsync_outbox_deliveries_waiting", "one"] == 3
    assert read["webinarsync_outbox_deliveries_waiting", "two"] == 0
    assert 90 <= read["webinarsync_outbox_oldest_seconds", "one"] < 150
    assert ("webinarsync_outbox_oldest_seconds", "two") not in read


def test_metrics_require_the_token(installed: World, probe: Client, settings: Any) -> None:
    assert probe.get("/metrics").status_code == 404
    settings.METRICS_TOKEN = "let-me-in"
    assert probe.get("/metrics").status_code == 401
    assert probe.get("/metrics", headers={"authorization": "Bearer wrong"}).status_code == 401
    CallCount.objects.create(
        counted_for=call_key(installed.webinar.connection),
        minute=int(timezone.now().timestamp()),
        priority="interactive",
        calls=7,
    )
    WebhookSetup.objects.create(connection=installed.webinar.connection, forged=3)
    answer = probe.get("/metrics", headers={"authorization": "Bearer let-me-in"})
    read = samples(answer)
    assert read["webinarsync_goto_calls_last_hour", "interactive"] == 7
    assert read["webinarsync_webhook_requests_total", "forged"] == 3
    assert read["webinarsync_connections", "connected"] == 1
    assert read["webinarsync_waiting_seconds", "sync"] < 60
    assert ("webinarsync_waiting_seconds", "push") not in read
    assert all(person.email not in answer.content.decode() for person in Contact.objects.all())
