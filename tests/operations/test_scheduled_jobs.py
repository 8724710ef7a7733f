"""A scheduled job is queued once, regardless of how long it waits."""

import datetime as dt
import pydoc
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from django_q.models import OrmQ, Schedule

from accounts import notifications
from core.models import QueuedJob
from core.queue import BEGUN_ALREADY, is_job
from operations import schedules
from operations.cluster import queue_due
from platforms.tasks import queue_webhooks

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def installed() -> None:
    """The schedules, run as in our cluster."""
    schedules.install()


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=1), tick=False) as traveller:
        yield traveller


def waiting() -> list[str]:
    return sorted(row.task["func"] for row in OrmQ.objects.all())


def begin(function: str) -> list[Any]:
    """Run the tasks of one function as workers do, and return their results."""
    lines = []
    for row in OrmQ.objects.order_by("pk"):
        if row.task["func"] == function:
            row.delete()
            called: Any = pydoc.locate(function)
            lines.append(called(*row.task["args"], **row.task["kwargs"]))
    return lines


@pytest.mark.rule(1)
@pytest.mark.parametrize("job", schedules.JOBS, ids=lambda job: job.function)
def test_each_has_a_row_of_its_own_until_it_begins(job: schedules.Job) -> None:
    assert is_job(job.function)


def test_minutes_without_a_worker_add_nothing(clock: time_machine.Traveller) -> None:
    every = sorted(job.function for job in schedules.JOBS)
    queue_due()
    assert waiting() == every
    assert sorted(QueuedJob.objects.values_list("kind", flat=True)) == every
    clock.shift(90)
    queue_due()
    assert waiting() == every
    # They are due again in time nevertheless: no warning that no worker runs.
    assert not Schedule.objects.filter(next_run__lt=timezone.now()).exists()


def test_a_lost_one_is_queued_again_and_a_late_one_does_nothing(
    clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[int] = []
    monkeypatch.setattr(notifications, "report_password_guessing", lambda: called.append(1))
    queue_due()
    clock.shift(150)
    queue_due()
    assert waiting().count("accounts.tasks.report_password_guessing") == 2
    assert begin("accounts.tasks.report_password_guessing") == [None, BEGUN_ALREADY]
    assert called == [1]
    clock.shift(60)
    queue_due()
    assert waiting().count("accounts.tasks.report_password_guessing") == 1


def test_what_the_queue_has_forgotten_is_queued_again_at_the_next_minute(
    clock: time_machine.Traveller,
) -> None:
    """Redis may lose all tasks: a schedule of each minute does not wait for minutes."""
    queue_due()
    OrmQ.objects.all().delete()
    clock.shift(61)
    queue_due()
    each_minute = [job.function for job in schedules.JOBS if job.minutes == 1]
    assert set(each_minute) <= set(waiting())
    assert len(waiting()) == len(set(waiting()))


def test_a_sync_queued_by_a_button_is_not_queued_by_the_scheduler_too(
    clock: time_machine.Traveller,
) -> None:
    queue_webhooks()
    queue_due()
    assert waiting().count("platforms.tasks.set_up_webhooks") == 1


def test_the_last_task_of_a_schedule_is_known(clock: time_machine.Traveller) -> None:
    queue_due()
    made = {row.task["func"]: row.task["id"] for row in OrmQ.objects.all()}
    assert dict(Schedule.objects.values_list("func", "task")) == made
    clock.shift(90)
    queue_due()
    assert dict(Schedule.objects.values_list("func", "task")) == made


def test_another_schedule_is_queued_as_usual(clock: time_machine.Traveller) -> None:
    Schedule.objects.all().delete()
    Schedule.objects.create(func="math.floor", args="(1.5,)", schedule_type=Schedule.MINUTES)
    for _ in range(2):
        clock.shift(90)
        queue_due()
    assert waiting() == ["math.floor", "math.floor"]
    assert not QueuedJob.objects.exists()


def test_what_redis_did_not_take_is_due_again_at_once(
    clock: time_machine.Traveller,
    queue_away: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    Schedule.objects.exclude(func="operations.tasks.clean_up").delete()
    for _ in range(2):
        queue_due()
        assert not QueuedJob.objects.exists()
        assert Schedule.objects.get().next_run <= timezone.now()
        clock.shift(30)
    queue_away.undo()
    queue_due()
    assert waiting() == ["operations.tasks.clean_up"]
    assert "Could not create task" not in caplog.text
