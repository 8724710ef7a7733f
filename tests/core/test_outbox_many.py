"""Concurrent writers and several delivering workers: each event once, and in order."""

import datetime as dt
import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from core import outbox, outbox_delivery
from core.models import OutboxDelivery, OutboxEvent
from core.outbox import Event, Reader
from tests.core.outbox_readers import (
    RecordingReader,
    assert_each_event_once_and_in_order,
    in_threads,
    registered,
    write_and_read,
)

pytestmark = pytest.mark.django_db(transaction=True)
KINDS = frozenset({"happened"})
two_at_once = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="on SQLite one writes at a time"
)


class OpenTransaction:
    """A transaction in a separate thread, which has written and is open until `commit`."""

    def __init__(self, write: Callable[[], object], *, committed: bool = True) -> None:
        self._written, self._end = threading.Event(), threading.Event()
        self._write, self._committed = write, committed
        (self._thread,) = in_threads(self._run)
        assert self._written.wait(20)

    def _run(self) -> None:
        with transaction.atomic():
            self._write()
            self._written.set()
            self._end.wait(60)
            transaction.set_rollback(not self._committed)

    def end(self) -> None:
        self._end.set()
        self._thread.join()


def _write(subject: int, number: int) -> None:
    with transaction.atomic():
        outbox.write("happened", subject, {"n": number})


@two_at_once
@pytest.mark.rule(12)
def test_what_is_committed_later_with_a_lower_number_is_not_missed() -> None:
    delivered = RecordingReader()
    with registered(Reader("one", KINDS, delivered)):
        earlier = OpenTransaction(lambda: outbox.write("happened", 1, {"n": 1}))
        _write(2, 2)
        assert outbox_delivery.deliver("one") == 1
        earlier.end()
        assert outbox_delivery.deliver("one") == 1
    assert [event.data["n"] for event in delivered.events] == [2, 1]
    assert [event.id for event in delivered.events] == sorted(
        (event.id for event in delivered.events), reverse=True
    )
    assert not OutboxEvent.objects.exists()


@two_at_once
def test_of_one_subject_the_lower_number_is_waited_for() -> None:
    delivered = RecordingReader()
    pauses: list[float] = []
    with registered(Reader("one", KINDS, delivered, at_once=10)):
        earlier = OpenTransaction(lambda: outbox.write("happened", 1, {"n": 1}))
        # Two writers of the same subject do not wait for each other.
        _write(1, 2)
        _write(2, 3)
        assert outbox_delivery.deliver("one", sleep=pauses.append) == 1
        assert delivered.data == [{"n": 3}]
        assert pauses
        earlier.end()
        assert outbox_delivery.deliver("one") == 2
    assert delivered.data == [{"n": 3}, {"n": 1}, {"n": 2}]


@two_at_once
def test_a_transaction_that_is_rolled_back_holds_up_nothing() -> None:
    delivered = RecordingReader()
    with registered(Reader("one", KINDS, delivered)):
        given_up = OpenTransaction(lambda: outbox.write("happened", 1, {"n": 1}), committed=False)
        _write(1, 2)
        assert outbox_delivery.deliver("one", sleep=lambda seconds: None) == 0
        given_up.end()
        assert outbox_delivery.deliver("one") == 1
    assert delivered.data == [{"n": 2}]


@two_at_once
def test_the_end_of_the_other_transaction_is_waited_for_a_moment() -> None:
    delivered = RecordingReader()
    with registered(Reader("one", KINDS, delivered)):
        earlier = OpenTransaction(lambda: outbox.write("happened", 1, {"n": 1}))
        _write(1, 2)
        assert outbox_delivery.deliver("one", sleep=lambda seconds: earlier.end()) == 2
    assert delivered.data == [{"n": 1}, {"n": 2}]


@two_at_once
def test_two_who_write_of_each_other_s_subjects_do_not_wait_for_each_other() -> None:
    met = threading.Barrier(2, timeout=20)

    def write(first: int, second: int) -> None:
        with transaction.atomic():
            outbox.write("happened", first, {})
            met.wait()
            outbox.write("happened", second, {})
            met.wait()

    with registered(Reader("one", KINDS, RecordingReader())):
        for thread in in_threads(lambda: write(1, 2), lambda: write(2, 1)):
            thread.join()
    assert OutboxDelivery.objects.count() == 4


def test_while_one_worker_has_a_subject_another_takes_the_next() -> None:
    inside, resume = threading.Event(), threading.Event()

    def slow(event: Event) -> None:
        if event.data["n"] == 1:
            inside.set()
            assert resume.wait(20)

    delivered = RecordingReader(slow)
    with registered(Reader("one", KINDS, delivered)):
        for subject, number in ((1, 1), (1, 2), (2, 3)):
            _write(subject, number)
        (other,) = in_threads(lambda: outbox_delivery.deliver("one"))
        assert inside.wait(20)
        assert outbox_delivery.workers_of("one") == 1
        assert outbox_delivery.deliver("one") == 1
        assert delivered.data == [{"n": 3}]
        resume.set()
        other.join()
    assert delivered.data == [{"n": 3}, {"n": 1}, {"n": 2}]


def test_two_readers_who_end_at_once_leave_no_event_behind() -> None:
    both = threading.Barrier(2, timeout=20)
    readers = [Reader(name, KINDS, lambda events: both.wait()) for name in ("one", "two")]
    with registered(*readers):
        _write(1, 1)
        for thread in in_threads(
            lambda: outbox_delivery.deliver("one"), lambda: outbox_delivery.deliver("two")
        ):
            thread.join()
    assert not OutboxDelivery.objects.exists()
    assert not OutboxEvent.objects.exists()


@pytest.mark.rule(12)
@pytest.mark.slow
def test_eight_random_writers_and_two_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_delivery, "FIRST_RETRY", dt.timedelta())
    for delivered in write_and_read(8, 250, seed=1):
        assert_each_event_once_and_in_order(delivered, 8, 250)
    assert not OutboxDelivery.objects.exists()
    assert not OutboxEvent.objects.exists()
