"""Which webinars are synced, how often, and what a sync of a past one costs."""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.apps import apps
from django.db import connection as database
from django.utils import timezone

from contacts.models import Contact
from core.rate_limit import RateLimitTimeout
from core.rate_limit.database import Priority
from platforms.gotowebinar import responses
from platforms.models import Connection
from simulators.gotowebinar.process import SimulatorProcess
from sync import runs, scheduling, tasks
from sync.models import SyncRun
from sync.scheduling import Pace, due_closely, due_past, due_webinars, pace
from sync.status import how_often
from tests.factories import SyncRunFactory
from tests.fake_goto import HOUR, FakeGoTo, make_webinar
from tests.fixtures.world import signed_in
from webinars.models import Registration, Session, Webinar
from webinarsync import roles

pytestmark = [pytest.mark.django_db, pytest.mark.rule(1)]
DAY = 24 * HOUR
MINUTE = HOUR / 60


def ended(ago: dt.timedelta, looked: dt.timedelta | None = None, **values: Any) -> Webinar:
    """Return a webinar that ended this long ago and was in sync then, both as time until now."""
    now = timezone.now()
    webinar = make_webinar(**{"starts_at": now - ago - HOUR, "ends_at": now - ago} | values)
    if looked is not None:
        SyncRunFactory.create(webinar=webinar, started_at=now - looked, finished_at=now - looked)
    return webinar


# -- how often -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ago", "looked", "priority"),
    [
        # Upcoming, running, just ended: each round.
        (-2 * DAY, MINUTE, "closely"),
        (-MINUTE, MINUTE, "closely"),
        (47 * HOUR, MINUTE, "closely"),
        # A last time when the data should be complete.
        (49 * HOUR, 2 * HOUR, "closely"),
        (49 * HOUR, HOUR / 2, ""),
        # Daily for 30 days.
        (10 * DAY, 23 * HOUR, ""),
        (10 * DAY, 25 * HOUR, "past"),
        (29 * DAY, 25 * HOUR, "past"),
        # Weekly for a year.
        (40 * DAY, 6 * DAY, ""),
        (40 * DAY, 8 * DAY, "past"),
        (364 * DAY, 8 * DAY, "past"),
        (366 * DAY, 300 * DAY, ""),
        # Never synced: at once, regardless of age.
        (10 * DAY, None, "closely"),
        (500 * DAY, None, "closely"),
    ],
)
def test_how_often_a_webinar_is_checked(
    ago: dt.timedelta, looked: dt.timedelta | None, priority: str
) -> None:
    webinar = ended(ago, looked)
    now = timezone.now()
    assert list(due_closely(now)) == ([webinar] if priority == "closely" else [])
    assert list(due_past(now)) == ([webinar] if priority == "past" else [])
    assert list(due_webinars(now)) == ([webinar] if priority else [])


@pytest.mark.parametrize("looked", [HOUR, 2 * DAY, 10 * DAY])
@pytest.mark.parametrize(
    "values",
    [
        {"ends_at": None, "on_demand": on_demand} | more
        for on_demand in (True, False)
        for more in (
            {},
            {"last_session_ended_at": HOUR},
            {"heard_to_run_at": HOUR},
            {"last_session_ended_at": 20 * DAY, "heard_to_run_at": 30 * DAY},
            {"first_seen_at": 400 * DAY},
        )
    ]
    + [
        {"ends_at": 20 * DAY, "last_session_ended_at": HOUR},
        {"ends_at": 20 * DAY, "heard_to_run_at": HOUR},
        {"ends_at": 60 * DAY, "last_session_ended_at": 20 * DAY},
    ],
)
def test_the_page_and_the_database_agree(values: dict[str, Any], looked: dt.timedelta) -> None:
    now = timezone.now()
    webinar = ended(
        DAY,
        looked,
        **{
            name: now - value if isinstance(value, dt.timedelta) else value
            for name, value in values.items()
        },
    )
    webinar.refresh_from_db()
    due = {
        Pace.CLOSELY: "closely",
        Pace.DAILY: "past" if looked > DAY else "",
        Pace.WEEKLY: "past" if looked > 7 * DAY else "",
        Pace.NEVER: "",
    }[pace(webinar, now)]
    since = scheduling.over_since(webinar)
    if webinar.ends_at and since and now - looked < since + 2 * DAY:
        due = "closely"
    found = "closely" if due_closely(now).exists() else "past" if due_past(now).exists() else ""
    assert found == due


def test_one_on_demand_is_checked_daily_and_never_over() -> None:
    webinar = ended(DAY, 2 * DAY, ends_at=None, starts_at=None, times=[], on_demand=True)
    webinar.refresh_from_db()
    now = timezone.now()
    assert pace(webinar, now) == Pace.DAILY and not webinar.is_over
    assert list(due_past(now)) == [webinar] and not due_closely(now).exists()
    # A later view of the recording makes it due.
    Webinar.objects.update(last_session_ended_at=now - HOUR)
    assert list(due_closely(now)) == [webinar]


def test_one_that_fails_is_not_tried_with_each_round() -> None:
    webinar = ended(10 * DAY, 2 * DAY)
    SyncRunFactory.create(webinar=webinar, failed=True, started_at=timezone.now() - HOUR)
    assert not due_past(timezone.now()).exists()
    with time_machine.travel(timezone.now() + 6 * HOUR):
        assert list(due_past(timezone.now())) == [webinar]


def test_the_longest_waiting_is_checked_first() -> None:
    first, second = ended(10 * DAY, 2 * DAY), None
    second = Webinar.objects.create(
        connection=first.connection, key="78", slug="78", subject="Older look", sync_enabled=True,
        starts_at=first.starts_at, ends_at=first.ends_at,
    )  # fmt: skip
    at = timezone.now() - 5 * DAY
    SyncRunFactory.create(webinar=second, started_at=at, finished_at=at)
    assert list(due_past(timezone.now())) == [second, first]


# -- what is queued, and what a look costs ---------------------------------------------------------


@pytest.fixture
def queued() -> Iterator[list[tuple[Any, ...]]]:
    asked: list[tuple[Any, ...]] = []

    def async_task(*args: object, **_: object) -> str:
        asked.append(args)
        return "made"

    with patch("core.queue.async_task", async_task):
        yield asked


def test_a_round_queues_those_of_the_past_in_the_lowest_priority(
    queued: list[tuple[Any, ...]],
) -> None:
    past = ended(10 * DAY, 2 * DAY)
    assert tasks.sync_round() == 1
    assert queued == [("sync.tasks.sync_past_webinar", past.pk)]
    Webinar.objects.update(ends_at=timezone.now() + HOUR)
    queued.clear()
    assert tasks.sync_round() == 1
    assert queued == [("sync.tasks.sync_webinar", past.pk, "schedule", None)]


def look(webinar: Webinar, goto: FakeGoTo) -> str:
    goto.calls.clear()
    with goto.in_place():
        return tasks.sync_past_webinar(webinar.pk)


@pytest.mark.rule(3)
def test_a_person_who_registers_for_the_recording_is_added() -> None:
    webinar, goto = ended(10 * DAY, 2 * DAY), FakeGoTo()
    goto.register("late@example.com", timezone.now() - HOUR, jobTitle="Director")
    assert look(webinar, goto) == "done"
    contact = Contact.objects.get()
    assert (contact.email, contact.job_title) == ("late@example.com", "Director")
    # Not due again until tomorrow.
    assert look(webinar, goto) == "it is not its turn any more" and not goto.calls


def test_a_sync_without_changes_takes_few_calls_and_only_writes_its_run() -> None:
    webinar, goto = ended(10 * DAY, 2 * DAY), FakeGoTo()
    start = timezone.now() - 10 * DAY - HOUR
    people = [
        goto.register(f"p{number}@example.com", start, registrantKey=str(1000 + number))
        for number in range(200)
    ]
    goto.hold_session(start, start + HOUR, people[:50])
    goto.sync(webinar)
    assert Registration.objects.filter(sessions_attended=1).count() == 50
    SyncRun.objects.update(started_at=timezone.now() - 2 * DAY)
    before = everything()
    with writes() as written:
        assert look(webinar, goto) == "done"
    assert len(goto.calls) <= 6
    assert {table for table in written if table} == {SyncRun._meta.db_table}
    assert everything() == before
    assert SyncRun.objects.count() == 3


def everything() -> dict[str, list[Any]]:
    """Return all rows of our own tables but the runs."""
    return {
        model._meta.db_table: list(model._default_manager.order_by("pk").values())
        for model in apps.get_models()
        if model is not SyncRun and model._meta.app_label in ("contacts", "webinars", "platforms")
    }


@contextmanager
def writes() -> Iterator[set[str]]:
    """Collect the tables that are written to inside."""
    tables: set[str] = set()

    def noting(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        words = sql.split()
        if words[0] in ("INSERT", "UPDATE", "DELETE"):
            tables.add(words[1 if words[0] == "UPDATE" else 2].strip('"'))
        return execute(sql, params, many, context)

    with database.execute_wrapper(noting):
        yield tables


def test_a_check_yields_where_others_need_the_calls() -> None:
    webinar, goto = ended(10 * DAY, 2 * DAY), FakeGoTo()

    def rate_limit_timeout(
        *_: Any, priority: Any = None, wait_at_most: Any = None, **__: Any
    ) -> Any:
        client = goto.client()

        class Busy:
            def acquire(self) -> None:
                raise RateLimitTimeout

        client._budget = Busy()
        return client

    with patch("sync.runs.client_for", rate_limit_timeout):
        assert "others need the calls" in tasks.sync_past_webinar(webinar.pk)
    # As if it had not been queued: the next round queues it.
    assert SyncRun.objects.count() == 1
    assert list(due_past(timezone.now())) == [webinar]


def test_its_calls_are_in_the_lowest_priority() -> None:
    webinar, goto = ended(10 * DAY, 2 * DAY), FakeGoTo()
    lanes = []

    def client(_: Connection, priority: Priority, **options: Any) -> Any:
        lanes.append((priority, options["wait_at_most"] is not None))
        return goto.client()

    with patch("sync.runs.client_for", client):
        tasks.sync_past_webinar(webinar.pk)
        runs.sync_webinar(webinar, trigger=SyncRun.Trigger.SCHEDULE)
    assert lanes == [(Priority.BACKFILL, True), (Priority.SCHEDULED, False)]


# -- outside the schedule --------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_webinar_that_ran_outside_its_schedule_is_checked_soon(
    simulator: SimulatorProcess, connection: Connection
) -> None:
    runs.sync_list(connection, trigger=SyncRun.Trigger.COMMAND)
    assert not any("organizers/{o}/sessions" in path for path in simulator.calls()["by_path"])
    now = timezone.now()
    Webinar.objects.update(sync_enabled=True, ends_at=now - 90 * DAY)
    for webinar in Webinar.objects.all():
        SyncRunFactory.create(webinar=webinar, started_at=now - DAY, finished_at=now - DAY)
    assert not due_webinars(now).exists()
    simulator.reset_calls()
    with patch("sync.pull.webinar_list._LATELY", 3650 * DAY):
        runs.sync_list(connection, trigger=SyncRun.Trigger.SCHEDULE)
    [paths] = [path for path in simulator.calls()["by_path"] if path.endswith("}/sessions")]
    assert simulator.calls()["by_path"][paths] == 1
    heard = Webinar.objects.exclude(heard_to_run_at=None)
    assert heard.exists()
    assert not Session.objects.exists()
    # The sync of a day ago was too early for those whose session was less than two days before it.
    Webinar.objects.update(ends_at=now - 90 * DAY)
    lately = heard.filter(heard_to_run_at__gt=now - 3 * DAY)
    assert lately.exists()
    assert set(due_closely(now)) == set(lately)


def test_a_list_of_sessions_that_is_refused_does_not_fail_the_list_of_webinars(
    simulator: SimulatorProcess, connection: Connection
) -> None:
    simulator.control(
        "POST",
        "fail",
        {"path": "/organizers/{organizerKey}/sessions", "kind": "status", "status": 404},
    )
    run = runs.sync_list(connection, trigger=SyncRun.Trigger.SCHEDULE)
    assert run.state == SyncRun.State.DONE


# -- what pages say --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ago", "expected"),
    [
        (-HOUR, ""),
        (HOUR, "Ended: synced every 15 minutes until Tue 3 Mar, then daily until Tue 31 Mar"),
        (10 * DAY, "Ended: synced daily until Sat 21 Mar, then weekly until Fri 19 Feb 2027."),
        (100 * DAY, "Ended: synced weekly until Sat 21 Nov."),
        (400 * DAY, "Ended more than a year ago: synced only when you ask for it."),
    ],
)
def test_the_page_shows_how_often_and_until_when(ago: dt.timedelta, expected: str) -> None:
    with time_machine.travel(dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC), tick=False):
        webinar = ended(ago, MINUTE)
        assert how_often(webinar).startswith(expected) and bool(how_often(webinar)) == bool(
            expected
        )
        shown = page(f"/admin/webinars/webinar/{webinar.pk}/change/")
        assert "In sync · 1\xa0minute ago" in shown and expected in shown
    webinar.sync_enabled = False
    assert how_often(webinar) == ""


def page(address: str) -> str:
    return signed_in(roles.MARKETERS).get(address).content.decode()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"on_demand": True, "experience_type": "SIMULIVE"}, "On demand · Simulated live"),
        ({"experience_type": "simulive", "recurrence_type": "series"}, "at a fixed time · Series"),
        ({"experience_type": "CLASSIC"}, "Single session"),
    ],
)
def test_the_type_is_reported_in_words(values: dict[str, Any], words: str) -> None:
    webinar = make_webinar(**values)
    assert words in page(f"/admin/webinars/webinar/{webinar.pk}/change/?settings=1")


def test_the_dashboard_shows_when_webinars_were_checked_last() -> None:
    past = ended(100 * DAY, 3 * DAY)
    marketer = signed_in(roles.MARKETERS)

    def page(address: str) -> str:
        return marketer.get(address).content.decode()

    assert "The webinar is in sync. Last checked 3\xa0days ago" in page("/admin/")
    now = timezone.now()
    soon = Webinar.objects.create(
        connection=past.connection, key="78", slug="78", subject="Soon", sync_enabled=True,
        starts_at=now + HOUR, ends_at=now + 2 * HOUR,
    )  # fmt: skip
    SyncRunFactory.create(webinar=soon, started_at=now - 5 * MINUTE, finished_at=now)
    # Those that ended more than a year ago are not synced: they do not count as outdated.
    ancient = Webinar.objects.create(
        connection=past.connection, key="79", slug="79", subject="Old", sync_enabled=True,
        starts_at=now - 500 * DAY, ends_at=now - 500 * DAY,
    )  # fmt: skip
    SyncRunFactory.create(webinar=ancient, started_at=now - 490 * DAY, finished_at=now)
    assert "All 3 webinars are in sync. Last checked 5\xa0minutes ago." in page("/admin/")


@pytest.mark.parametrize(
    ("fields", "on_demand"),
    [({"isOndemand": True}, True), ({"isOndemand": "true"}, True), ({"isOndemand": None}, False),
     ({}, False)],
)  # fmt: skip
def test_what_is_on_demand_is_recognised(fields: dict[str, Any], on_demand: bool) -> None:
    row = {"webinarKey": "77", "subject": "A recording", **fields}
    body = {"page": {"totalPages": 1}, "_embedded": {"webinars": [row]}}
    [found], _ = responses.webinars(responses.Answer(200, {}, json.dumps(body).encode()))
    assert found.on_demand is on_demand
