"""One open job of a kind and subject, regardless of who requests it, and how often."""

import datetime as dt
import pydoc
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.db import connections
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from core import queue
from core.models import QueuedJob
from platforms.tasks import queue_webhooks
from sync import lease, runs, tasks
from sync import queue as sync_queue
from sync.models import SyncRun
from tests.factories import WebinarFactory
from tests.fake_goto import FakeGoTo
from webinars.models import Webinar

Trigger = SyncRun.Trigger
Synced = list[tuple[Any, ...]]
pytestmark = pytest.mark.django_db


@pytest.fixture
def webinar() -> Webinar:
    now = timezone.now()
    return WebinarFactory.create(synced=True, starts_at=now, ends_at=now + dt.timedelta(hours=1))


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> Synced:
    """Who requested each sync that was started."""
    begun: Synced = []

    def sync(webinar: Webinar, *, trigger: Trigger, user_id: int | None) -> Any:
        begun.append((webinar.pk, trigger, user_id))
        return SyncRun(state=SyncRun.State.DONE)

    monkeypatch.setattr(runs, "sync_webinar", sync)
    return begun


def begin(task: dict[str, Any]) -> Any:
    """Run a task as a worker does."""
    function: Any = pydoc.locate(task["func"])
    return function(*task["args"], **task["kwargs"])


def run_all_tasks() -> list[Any]:
    """Run every waiting task, oldest first, and return their results."""
    waiting = list(OrmQ.objects.order_by("pk"))
    OrmQ.objects.filter(pk__in=[row.pk for row in waiting]).delete()
    return [begin(row.task) for row in waiting]


@pytest.mark.rule(1)
def test_a_second_round_adds_nothing_while_the_first_ones_tasks_wait(
    webinar: Webinar, synced: Synced
) -> None:
    assert tasks.sync_round() == 1
    assert tasks.sync_round() == 1
    assert OrmQ.objects.count() == 1 == QueuedJob.objects.count()
    assert run_all_tasks() == ["done"]
    assert not QueuedJob.objects.exists()
    # It has started: the next round queues again.
    OrmQ.objects.all().delete()
    tasks.sync_round()
    assert OrmQ.objects.count() == 1


@pytest.mark.rule(1)
def test_a_lost_task_is_queued_again_after_a_few_minutes(webinar: Webinar, synced: Synced) -> None:
    tasks.sync_round()
    OrmQ.objects.all().delete()
    tasks.sync_round()
    assert not OrmQ.objects.exists()
    with time_machine.travel(timezone.now() + queue.LOST_AFTER + dt.timedelta(seconds=1)):
        tasks.sync_round()
        assert OrmQ.objects.count() == 1
        # The same time again for this one.
        tasks.sync_round()
        assert OrmQ.objects.count() == 1
        assert run_all_tasks() == ["done"]


@pytest.mark.rule(1)
def test_tasks_that_had_to_wait_for_long_are_done_once(webinar: Webinar, synced: Synced) -> None:
    for minutes in (0, 15, 30):
        with time_machine.travel(timezone.now() + dt.timedelta(minutes=minutes)):
            tasks.sync_round()
    assert run_all_tasks() == ["done", queue.BEGUN_ALREADY, queue.BEGUN_ALREADY]
    assert len(synced) == 1


@pytest.mark.rule(1)
def test_a_killed_worker_blocks_no_one_from_asking_again(
    webinar: Webinar, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    tasks.sync_round()
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(runs, "sync_webinar", killed)
        begin(OrmQ.objects.get().task)
    # The queue redelivers the task of a killed worker after hours, when it is already done.
    [left] = OrmQ.objects.all()
    tasks.sync_round()
    assert OrmQ.objects.count() == 2
    with FakeGoTo().in_place():
        assert run_all_tasks() == ["done", queue.BEGUN_ALREADY]
    assert begin(left.task) == queue.BEGUN_ALREADY


def test_a_person_who_asks_for_what_waits_is_the_one_it_is_done_for(
    webinar: Webinar, synced: Synced
) -> None:
    sync_queue.queue_sync([webinar], trigger=Trigger.SCHEDULE)
    sync_queue.queue_sync([webinar], trigger=Trigger.MANUAL, user_id=7)
    # The scheduler does not replace a person's request.
    sync_queue.queue_sync([webinar], trigger=Trigger.SCHEDULE)
    assert run_all_tasks() == ["done"]
    assert synced == [(webinar.pk, Trigger.MANUAL, 7)]


def test_each_webinar_and_each_kind_has_its_own(webinar: Webinar) -> None:
    other = WebinarFactory.create(synced=True)
    sync_queue.queue_sync([webinar, other], trigger=Trigger.SCHEDULE)
    sync_queue.queue_past([webinar.pk])
    sync_queue.queue_form(webinar)
    queue_webhooks()
    queue_webhooks()
    assert OrmQ.objects.count() == 5


def test_a_queue_that_does_not_answer_leaves_nothing_open(
    webinar: Webinar, queue_away: pytest.MonkeyPatch
) -> None:
    assert sync_queue.queue_sync([webinar], trigger=Trigger.MANUAL) == 0
    assert not QueuedJob.objects.exists()
    queue_away.undo()
    assert sync_queue.queue_sync([webinar], trigger=Trigger.MANUAL) == 1
    # A job whose task may be lost is unchanged, for the next request.
    QueuedJob.objects.update(queued_at=timezone.now() - dt.timedelta(hours=1))
    queue_away.setattr(Conf, "ORM", None)
    queue_away.setattr(Conf, "REDIS", "redis://127.0.0.1:9/0?socket_connect_timeout=1")
    assert sync_queue.queue_sync([webinar], trigger=Trigger.MANUAL) == 0
    queue_away.undo()
    assert sync_queue.queue_sync([webinar], trigger=Trigger.MANUAL) == 1
    assert OrmQ.objects.count() == 2


def test_called_as_a_function_it_needs_no_row(webinar: Webinar, synced: Synced) -> None:
    assert tasks.sync_webinar(webinar.pk, "schedule") == "done"
    assert tasks.sync_webinar(webinar.pk, trigger="schedule", user_id=3) == "done"
    assert len(synced) == 2


@pytest.mark.rule(1)
@pytest.mark.parametrize("trigger", [Trigger.SCHEDULE, Trigger.MANUAL])
def test_what_is_switched_off_while_it_waits_is_not_synced(
    webinar: Webinar, trigger: Trigger
) -> None:
    sync_queue.queue_sync([webinar], trigger=trigger)
    Webinar.objects.update(sync_enabled=False)
    goto = FakeGoTo()
    with goto.in_place():
        assert run_all_tasks() == ["its sync is switched off"]
    assert not goto.calls and not SyncRun.objects.exists()


def test_while_another_run_goes_on_the_job_ends(
    webinar: Webinar, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: Any, **__: Any) -> Any:
        raise lease.Busy

    monkeypatch.setattr(runs, "sync_webinar", busy)
    tasks.sync_round()
    assert run_all_tasks() == ["another run is syncing it"]
    assert not QueuedJob.objects.exists()


# -- with a Redis as broker ------------------------------------------------------------------------


@pytest.fixture
def redis_broker(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setattr(Conf, "ORM", None)
    monkeypatch.setattr(Conf, "REDIS", redis_url)
    yield get_broker()


def run_next_task(broker: Any) -> Any:
    [(_, package)] = broker.dequeue()
    return begin(SignedPackage.loads(package))


def test_in_redis_there_is_one_task_too(
    redis_broker: Any, webinar: Webinar, synced: Synced
) -> None:
    for _ in range(2):
        tasks.sync_round()
    assert redis_broker.queue_size() == 1
    assert run_next_task(redis_broker) == "done"
    tasks.sync_round()
    redis_broker.connection.flushall()
    with time_machine.travel(timezone.now() + queue.LOST_AFTER + dt.timedelta(seconds=1)):
        tasks.sync_round()
        assert run_next_task(redis_broker) == "done"
    assert len(synced) == 2


@pytest.mark.parametrize("in_redis", [False, True])
def test_what_a_transaction_asks_for_begins_when_it_is_written(
    in_redis: bool,
    request: pytest.FixtureRequest,
    django_capture_on_commit_callbacks: Callable[..., Any],
    webinar: Webinar,
) -> None:
    if in_redis:
        request.getfixturevalue("redis_broker")
    asked: list[bool] = []
    with django_capture_on_commit_callbacks(execute=True):
        queue.when_committed(lambda: asked.append(True))
        # Tasks in a table are written by the same transaction.
        assert asked == ([] if in_redis else [True])
    assert asked == [True]


@pytest.mark.django_db(transaction=True)
def test_many_who_ask_at_once_queue_one(webinar: Webinar) -> None:
    from threading import Barrier, Thread

    together = Barrier(6)

    def ask() -> None:
        try:
            together.wait()
            sync_queue.queue_sync([webinar], trigger=Trigger.MANUAL)
        finally:
            connections.close_all()

    threads = [Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert OrmQ.objects.count() == 1 == QueuedJob.objects.count()
