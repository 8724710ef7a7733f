"""One rate limit for all processes of an installation, and its priorities."""

import random
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection as database

from core.models import CallBudget, CallCount
from core.rate_limit import RateLimitTimeout
from core.rate_limit.database import Priority, SharedRateLimiter, calls_since

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True, params=["database", "redis"])
def store(request: pytest.FixtureRequest, settings: Any) -> str:
    """Where turns are reserved: each test is run with both."""
    if request.param == "redis":
        settings.CALL_BUDGET_URL = request.getfixturevalue("redis_url")
    return str(request.param)


def test_turns_are_a_little_over_a_tenth_of_a_second_apart_for_every_priority() -> None:
    lock, moments = threading.Lock(), []

    def call(budget: SharedRateLimiter) -> None:
        for _ in range(5):
            budget.acquire()

    def note(delay: float) -> None:
        with lock:
            moments.append(round(delay, 6))

    # The clock is stopped, so that waits equal times.
    budgets = [SharedRateLimiter("goto", 10, now=lambda: 1000.0, sleep=note) for _ in range(3)]
    threads = [threading.Thread(target=call, args=(budget,)) for budget in budgets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Fifteen turns: the first at once, each other a little over a tenth of a second later.
    assert sorted(moments) == [round(n * 0.103, 6) for n in range(1, 15)]


def test_without_a_limit_no_one_waits_and_nothing_is_asked() -> None:
    SharedRateLimiter("goto", 0).acquire()
    assert not CallBudget.objects.exists()


class World:
    """Callers on one clock that moves only when all of them wait: their work takes no time."""

    def __init__(self) -> None:
        self.now = 1_000_000.0
        self.made: list[tuple[float, Priority]] = []

    def run(self, calls_by_priority: dict[Priority, int], until: float) -> None:
        """Let this many callers of each priority call continuously, until `until` seconds have
        passed."""
        callers = [
            self._calls(priority)
            for priority, count in calls_by_priority.items()
            for _ in range(count)
        ]
        due = dict.fromkeys(range(len(callers)), self.now)
        end = self.now + until
        while self.now < end:
            number = min(due, key=lambda one: due[one])
            self.now = max(self.now, due[number])
            due[number] = self.now + next(callers[number])

    def _calls(self, priority: Priority) -> Iterator[float]:
        """Yield how long this caller sleeps next, with a call at the end of each turn."""
        budget = SharedRateLimiter("goto", 10, priority, now=lambda: self.now)
        while True:
            wait, mine, _ = budget._try_acquire()
            yield max(wait, 0.0)
            if mine:
                self.made.append((self.now, priority))

    def count(self, priority: Priority) -> int:
        return sum(made == priority for _, made in self.made)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(random, "uniform", lambda low, high: high / 2)
    return World()


def test_a_push_waits_for_a_few_turns_however_large_a_sync_is(world: World) -> None:
    world.run({Priority.SCHEDULED: 20, Priority.MANUAL: 10}, until=5)
    wait, mine, _ = SharedRateLimiter("goto", 10, now=lambda: world.now)._try_acquire()
    assert mine and wait <= 0.5


def test_higher_priority_has_the_larger_share_and_no_priority_has_none(
    world: World,
) -> None:
    world.run(dict.fromkeys(Priority, 3), until=30)
    person, webhook, button, clock, backfill = (world.count(priority) for priority in Priority)
    assert person > webhook > button > clock
    # The lowest priority has what is left, and nothing is.
    assert backfill == 0
    # At least once a second, regardless of the others.
    assert clock >= 27
    # All together use what GoTo allows, and never more.
    assert 280 <= len(world.made) <= 10 * 30 + 1
    moments = sorted(at for at, _ in world.made)
    assert all(later - earlier > 0.1 for earlier, later in zip(moments, moments[1:], strict=False))


def test_a_priority_alone_has_all_turns(world: World) -> None:
    world.run({Priority.SCHEDULED: 4}, until=10)
    assert world.count(Priority.SCHEDULED) >= 95


def test_the_lowest_priority_alone_has_all_turns(world: World) -> None:
    world.run({Priority.BACKFILL: 4}, until=10)
    assert world.count(Priority.BACKFILL) >= 90


@pytest.mark.parametrize(
    "priority", [priority for priority in Priority if priority is not Priority.BACKFILL]
)
def test_the_lowest_priority_has_no_turn_while_another_has_some(
    world: World, priority: Priority
) -> None:
    world.run({priority: 1, Priority.BACKFILL: 4}, until=5)
    assert world.count(Priority.BACKFILL) == 0 < world.count(priority)
    # It continues half a second after the last of them.
    world.run({Priority.BACKFILL: 4}, until=2)
    assert 10 <= world.count(Priority.BACKFILL) <= 15


def test_a_push_waits_for_one_turn_of_the_lowest_priority_at_most(world: World) -> None:
    world.run({Priority.BACKFILL: 8}, until=3)
    wait, mine, _ = SharedRateLimiter("goto", 10, now=lambda: world.now)._try_acquire()
    assert mine and wait <= 0.104


class Waiting:
    """A limiter of the lowest priority on a clock that its own sleep moves."""

    def __init__(self, wait_at_most: float | None) -> None:
        self.now = 1_000_000.0
        self.waits = SharedRateLimiter(
            "goto",
            10,
            Priority.BACKFILL,
            wait_at_most=wait_at_most,
            now=lambda: self.now,
            sleep=self.sleep,
        )
        self.push = SharedRateLimiter("goto", 10, now=lambda: self.now, sleep=lambda _: None)

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_what_can_be_done_later_gives_up_where_someone_waits() -> None:
    it = Waiting(wait_at_most=0)
    began = it.now
    for _ in range(20):
        it.waits.acquire()
    # It waits for its own turns.
    assert it.now - began >= 19 * 0.103
    it.push.acquire()
    with pytest.raises(RateLimitTimeout):
        it.waits.acquire()
    it.sleep(0.7)
    it.waits.acquire()


def test_turns_that_are_handed_out_ahead_are_waited_for_by_others_too() -> None:
    it = Waiting(wait_at_most=0)
    for _ in range(50):
        it.push.acquire()
    # The last of fifty pushes has its turn only in five seconds.
    it.sleep(4)
    with pytest.raises(RateLimitTimeout):
        it.waits.acquire()


def test_the_lowest_priority_waits_as_long_as_requested() -> None:
    it = Waiting(wait_at_most=1)
    it.push.acquire()
    began = it.now
    it.waits.acquire()
    assert 0.5 <= it.now - began < 1
    for _ in range(50):
        it.push.acquire()
    began = it.now
    with pytest.raises(RateLimitTimeout):
        it.waits.acquire()
    patient = Waiting(wait_at_most=None)
    patient.now = it.now
    patient.waits.acquire()
    assert patient.now - began >= 50 * 0.103


def test_calls_are_counted_by_minute_and_priority_for_whom_they_are_made(store: str) -> None:
    began = time.time()
    for priority, calls in ((Priority.INTERACTIVE, 2), (Priority.SCHEDULED, 1)):
        for _ in range(calls):
            SharedRateLimiter(
                "goto",
                10,
                priority,
                counted_for="goto:1",
                now=lambda: began,
                sleep=lambda s: None,
            ).acquire()
    made = {("goto:1", "scheduled"): 1, ("goto:1", "interactive"): 2}
    assert calls_since(began - 3600) == made
    assert not calls_since(began)
    # The minute is stored once, regardless of the number of calls.
    assert CallCount.objects.count() == (2 if store == "database" else 0)


def test_without_redis_the_database_reserves_turns(
    store: str, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.CALL_BUDGET_URL = "redis://127.0.0.1:1/0"
    SharedRateLimiter("goto", 10, counted_for="goto:1").acquire()
    assert CallBudget.objects.exists()
    assert calls_since(time.time() - 3600).total() == 1
    assert "the database has them now" in caplog.text


@pytest.mark.parametrize("hours", [-1, 1])
def test_machines_with_different_clocks_share_one_rate_limit(store: str, hours: int) -> None:
    if store == "database" and database.vendor == "sqlite":
        pytest.skip("SQLite serves one machine, whose clock it uses")
    waits: list[float] = []

    def call() -> None:
        budget = SharedRateLimiter("goto", 0.1, counted_for="goto:1", sleep=waits.append)
        budget.acquire()

    began = time.time()
    with time_machine.travel(began + hours * 3600):
        for _ in range(3):
            call()
    call()
    # Each waits for earlier ones, and not for the clock of another machine.
    assert [round(wait / 10.3) for wait in waits] == [1, 2, 3]
    # Calls are counted by the same clock.
    assert calls_since(began - 120).total() == 4
    assert not calls_since(began + 120)
