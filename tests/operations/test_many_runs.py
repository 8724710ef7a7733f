"""Frequent queries read a few rows, regardless of the number of stored sync runs."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from operations import doctor, metrics
from operations.freshness import delays
from operations.tasks import clean_up
from platforms.models import Connection
from sync import run_retention, status, tasks, usage
from sync.models import SyncRun
from tests.factories import UserFactory, WebinarFactory
from tests.rows_read import counting
from webinars.models import Webinar

pytestmark = pytest.mark.django_db

WEBINARS = 40
# How many sync runs one answer may read, from the issue of a year-old installation.
MOST = 2000
QUARTER = dt.timedelta(minutes=15)


def run_all(runs: int, before: dt.datetime) -> None:
    """Add this many runs to each webinar, a quarter of an hour apart."""
    SyncRun.objects.bulk_create(
        SyncRun(
            connection_id=webinar.connection_id, webinar=webinar, trigger="schedule",
            state="failed" if number % 10 == 3 else "done", started_at=before - number * QUARTER,
            finished_at=before - number * QUARTER,
        )
        for webinar in Webinar.objects.all()
        for number in range(1, runs + 1)
    )  # fmt: skip
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


@pytest.fixture
def dashboard() -> Callable[[], Any]:
    browser = Client()
    browser.force_login(UserFactory.create(username="root", is_staff=True, is_superuser=True))

    def ask() -> None:
        assert browser.get("/admin/").status_code == 200

    return ask


def a_round() -> None:
    OrmQ.objects.all().delete()
    assert tasks.sync_round() == WEBINARS


def test_more_runs_cost_nothing(dashboard: Callable[[], Any], settings: Any) -> None:
    now = timezone.now()
    first = WebinarFactory.create(synced=True, starts_at=now, ends_at=now + dt.timedelta(hours=1))
    for _ in range(WEBINARS - 1):
        WebinarFactory.create(
            synced=True,
            connection=first.connection,
            starts_at=first.starts_at,
            ends_at=first.ends_at,
        )
    webinars = list(Webinar.objects.all())
    asked: dict[str, Callable[[], Any]] = {
        "round": a_round,
        "probe": lambda: delays(timezone.now()),
        "metrics": metrics.text,
        "doctor": lambda: list(doctor.examine(offline=True)),
        "dashboard": dashboard,
        "list of webinars": lambda: status.latest_runs(webinars),
        "delay": lambda: usage._first_sync({webinar.pk for webinar in webinars}),
        "clean-up": lambda: run_retention.next_portion(now - dt.timedelta(days=90)),
    }
    # The same number within the last hour, which the metrics count, both times.
    run_all(5, now)
    few = {name: _read(ask) for name, ask in asked.items()}
    run_all(100, now - 5 * QUARTER)
    many = {name: _read(ask) for name, ask in asked.items()}
    assert SyncRun.objects.count() == 105 * WEBINARS
    for name, read in many.items():
        assert read <= 1.1 * few[name] + 100, (name, few[name], read)
        if connection.vendor == "postgresql":
            assert read <= MOST, name


def _read(ask: Callable[[], Any]) -> int:
    # What is cached permanently is not counted.
    ask()
    # Small tables beside it are read completely, which is irrelevant.
    with counting(SyncRun._meta.db_table) as read:
        ask()
    return read.count


def test_the_last_run_of_each_webinar_and_list_stays_however_old() -> None:
    now = timezone.now()
    old, new = now - dt.timedelta(days=100), now - dt.timedelta(days=1)

    def made(webinar: Webinar | None, of: Connection, at: dt.datetime, **values: Any) -> int:
        return SyncRun.objects.create(
            connection=of,
            webinar=webinar,
            trigger="schedule",
            started_at=at,
            finished_at=at if values else None,
            **values,
        ).pk

    busy, quiet = WebinarFactory.create(), WebinarFactory.create()
    done = {"state": SyncRun.State.DONE}
    remaining = {
        made(busy, busy.connection, new, **done),
        made(quiet, quiet.connection, old, **done),
        made(None, busy.connection, new, **done),
        # It may still be running: unknown before its lease has expired.
        made(None, busy.connection, old - QUARTER),
        made(None, quiet.connection, old, **done),
    }
    for number in range(1, 4):
        made(busy, busy.connection, old - number * QUARTER, **done)
        made(quiet, quiet.connection, old - number * QUARTER, **done)
        made(None, busy.connection, old - number * QUARTER, **done)
        made(None, quiet.connection, old - number * QUARTER, **done)
    clean_up()
    assert set(SyncRun.objects.values_list("pk", flat=True)) == remaining
    clean_up()
    assert SyncRun.objects.count() == len(remaining)


def test_old_runs_are_deleted_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_retention, "PORTION", 7)
    webinar, now = WebinarFactory.create(), timezone.now()
    run_all(50, now - dt.timedelta(days=100))
    portions = []
    after = None
    while True:
        ended, after = run_retention.next_portion(now - dt.timedelta(days=90), after)
        portions.append(len(ended))
        if after is None:
            break
    assert portions == [7] * 7 + [0]
    assert run_retention.delete_before(now - dt.timedelta(days=90)) == 49
    assert SyncRun.objects.get(webinar=webinar).started_at == now - dt.timedelta(days=100) - QUARTER
