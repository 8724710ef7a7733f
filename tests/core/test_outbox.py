"""The outbox: events are stored with the change, delivered in order, and deleted when all readers
have them."""

import datetime as dt
import logging
import time
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import OrmQ

from core import outbox, outbox_delivery, tasks
from core.models import OutboxDelivery, OutboxEvent, QueuedJob
from core.outbox import Event, Reader
from core.outbox_delivery import LAST_RETRY, LEASE, DeliveryFailed, deliver
from tests.core.outbox_readers import RecordingReader, registered

pytestmark = pytest.mark.django_db
KINDS = frozenset({"happened"})
Commit = Any


def _write(*subjects: int) -> None:
    outbox.write_many("happened", [(subject, {"n": n}) for n, subject in enumerate(subjects)])


def _fails(*subjects: str, error: Exception | None = None) -> Callable[[Event], None]:
    def trouble(event: Event) -> None:
        if event.subject in subjects:
            raise error or ValueError("ada@example.com is odd")

    return trouble


# -- writing ---------------------------------------------------------------------------------------


def test_without_a_reader_nothing_is_written() -> None:
    with registered(), CaptureQueriesContext(connection) as asked:
        _write(1, 2)
        assert not outbox.is_read("happened")
    assert not asked.captured_queries


def test_nothing_is_written_for_readers_of_other_kinds_or_that_are_switched_off() -> None:
    others = Reader("others", frozenset({"else"}), RecordingReader())
    off = Reader("off", KINDS, RecordingReader(), is_active=lambda: False)
    with registered(others, off), CaptureQueriesContext(connection) as asked:
        _write(1, 2)
        assert not outbox.is_read("happened")
    assert not asked.captured_queries


def test_many_are_written_by_as_many_statements_as_one() -> None:
    with registered(
        Reader("one", KINDS, RecordingReader()), Reader("two", KINDS, RecordingReader())
    ):
        with CaptureQueriesContext(connection) as one:
            _write(1)
        with CaptureQueriesContext(connection) as many:
            _write(*range(300))
    assert len(many) == len(one)
    assert OutboxDelivery.objects.count() == 2 * 301


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_did_not_happen() -> None:
    delivered = RecordingReader()
    with registered(Reader("one", KINDS, delivered)):
        with transaction.atomic():
            _write(1)
            transaction.set_rollback(True)
        assert deliver("one") == 0
    assert not OutboxEvent.objects.exists()
    assert not QueuedJob.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_of_a_transaction_is_refused() -> None:
    with (
        registered(Reader("one", KINDS, RecordingReader())),
        pytest.raises(transaction.TransactionManagementError),
    ):
        _write(1)


# -- handing over ----------------------------------------------------------------------------------


def test_each_reader_gets_events_in_order_and_then_the_event_is_deleted() -> None:
    first, second = RecordingReader(), RecordingReader()
    with registered(Reader("first", KINDS, first), Reader("second", KINDS, second, at_once=10)):
        _write(1, 2, 1, 1)
        assert deliver("first") == 4
        assert OutboxEvent.objects.count() == OutboxDelivery.objects.count() == 4
        assert deliver("second") == 4
    assert [event.data["n"] for event in first.by_subject["1"]] == [0, 2, 3]
    assert {event.id for event in first.events} == {event.id for event in second.events}
    assert not OutboxEvent.objects.exists()
    assert not OutboxDelivery.objects.exists()


def test_data_comes_as_it_was_written() -> None:
    delivered = RecordingReader()
    data = {"id": 7, "text": "ünï 'quoted' \"and\" \\ %s", "list": [1, None, True, 0.5], "of": {}}
    with registered(Reader("one", KINDS, delivered)):
        outbox.write("happened", "a-subject", data)
        deliver("one")
    (event,) = delivered.events
    assert (event.kind, event.subject, event.data) == ("happened", "a-subject", data)


@pytest.mark.parametrize("at_once", [1, 3, 20])
def test_a_subject_that_fails_holds_up_itself_alone(
    at_once: int, caplog: pytest.LogCaptureFixture
) -> None:
    delivered = RecordingReader(_fails("2"))
    with (
        registered(Reader("one", KINDS, delivered, at_once=at_once)),
        caplog.at_level(logging.INFO),
    ):
        _write(1, 2, 3, 2, 1)
        assert deliver("one") == 3
        assert deliver("one") == 0
        # Later events of the same subject wait for the first one.
        _write(2, 4)
        assert deliver("one") == 1
    assert {event.subject for event in delivered.events} == {"1", "3", "4"}
    left = list(OutboxDelivery.objects.order_by("event").values_list("attempts", "error_code"))
    assert left == [(1, "ValueError"), (0, ""), (0, "")]
    assert "example.com" not in caplog.text


def test_each_failure_doubles_the_time_until_the_next_try_up_to_an_hour() -> None:
    waits = []
    with registered(Reader("one", KINDS, RecordingReader(_fails("1")))):
        _write(1)
        now = timezone.now()
        for _ in range(12):
            with time_machine.travel(now, tick=False):
                assert deliver("one") == 0
            (row,) = OutboxDelivery.objects.all()
            waits.append(row.next_try_at - now)
            now = row.next_try_at
    assert waits[:3] == [dt.timedelta(seconds=10 * 2**n) for n in range(3)]
    assert waits[-1] == waits[-2] == LAST_RETRY
    assert row.attempts == 12


def test_what_failed_is_handed_over_before_later_events() -> None:
    subjects = ["1"]
    delivered = RecordingReader(lambda event: _fails(*subjects)(event))
    with registered(Reader("one", KINDS, delivered, at_once=10)):
        _write(1, 1)
        assert deliver("one") == 0
        subjects.clear()
        with time_machine.travel(timezone.now() + LAST_RETRY):
            assert deliver("one") == 2
    assert [event.data["n"] for event in delivered.events] == [0, 1]


def test_a_reader_shows_with_a_code_why_it_could_not() -> None:
    with registered(
        Reader("one", KINDS, RecordingReader(_fails("1", error=DeliveryFailed("missing-scope"))))
    ):
        _write(1)
        deliver("one")
        (found,) = outbox_delivery.waiting()
    assert (found.reader, found.count, found.error_code) == ("one", 1, "missing-scope")


def test_a_reader_that_asks_to_pause_gets_everything_later() -> None:
    busy = DeliveryFailed("rate-limited", retry_in=dt.timedelta(minutes=5))
    troubled = [True]
    delivered = RecordingReader(
        lambda event: _fails("1", "2", error=busy)(event) if troubled[0] else None
    )
    with registered(Reader("one", KINDS, delivered, at_once=10)):
        _write(1, 2, 3)
        assert deliver("one") == 0
        assert set(OutboxDelivery.objects.values_list("attempts", flat=True)) == {0}
        troubled.clear()
        troubled.append(False)
        assert deliver("one") == 0
        with time_machine.travel(timezone.now() + dt.timedelta(minutes=6)):
            assert deliver("one") == 3


def test_the_work_of_a_killed_worker_resumes_when_its_claim_has_ended() -> None:
    def killed(events: object) -> None:
        raise SystemExit

    delivered = RecordingReader()
    with registered(Reader("one", KINDS, killed, at_once=2)), pytest.raises(SystemExit):
        _write(1, 1, 1)
        deliver("one")
    with registered(Reader("one", KINDS, delivered, at_once=2)):
        assert deliver("one") == 0
        assert outbox_delivery.workers_of("one") == 1
        with time_machine.travel(timezone.now() + LEASE):
            assert outbox_delivery.workers_of("one") == 0
            assert deliver("one") == 3
    assert [event.data["n"] for event in delivered.events] == [0, 1, 2]


def test_who_was_held_up_for_longer_than_its_claim_takes_nothing_from_its_successor() -> None:
    inner = RecordingReader()

    def slow(events: object) -> None:
        with (
            time_machine.travel(timezone.now() + LEASE),
            registered(Reader("one", KINDS, inner, at_once=1)),
        ):
            deliver("one", at_most=dt.timedelta(seconds=10))
            _write(1)

    with registered(Reader("one", KINDS, slow, at_once=2)):
        _write(1, 2)
        rows = outbox_delivery._claim(outbox.readers()[0], set())
        assert rows is not None
        outbox_delivery._hand_over(outbox.readers()[0], rows)
    assert len(inner.events) == 2
    # The event added in the meantime is still there.
    assert OutboxDelivery.objects.count() == 1 == OutboxEvent.objects.count()


def test_no_one_who_is_not_registered_or_switched_off_is_handed_over() -> None:
    delivered = RecordingReader()
    with registered(Reader("one", KINDS, delivered)):
        _write(1)
    with registered(Reader("one", KINDS, delivered, is_active=lambda: False)):
        assert deliver("one") == deliver("nobody") == 0
    assert not delivered.events


# -- erasing, discarding ---------------------------------------------------------------------------


def test_payloads_of_an_erased_subject_are_emptied() -> None:
    delivered = RecordingReader()
    with registered(Reader("one", KINDS, delivered), Reader("two", KINDS, delivered)):
        _write(1, 2, 1)
        assert outbox.scrub([1]) == 2
        assert outbox.scrub([1]) == 0
        deliver("one")
    assert [event.data for event in delivered.by_subject["1"]] == [{}, {}]
    assert delivered.by_subject["2"][0].data == {"n": 1}


def test_what_waits_for_a_reader_that_is_no_more_can_be_discarded() -> None:
    with registered(
        Reader("one", KINDS, RecordingReader()), Reader("two", KINDS, RecordingReader())
    ):
        _write(1, 2)
        assert outbox_delivery.discard("one") == 2
        assert OutboxEvent.objects.count() == 2
        assert outbox_delivery.discard("two") == 2
    assert not OutboxEvent.objects.exists()


# -- the queue -------------------------------------------------------------------------------------


def test_a_worker_is_asked_for_once_with_the_commit(
    django_capture_on_commit_callbacks: Commit,
) -> None:
    with (
        registered(
            Reader("one", KINDS, RecordingReader()),
            Reader("none", frozenset({"else"}), RecordingReader()),
        ),
        django_capture_on_commit_callbacks(execute=True),
    ):
        _write(1)
        _write(2)
        assert not QueuedJob.objects.exists()
    assert list(QueuedJob.objects.values_list("kind", "subject")) == [(outbox.TASK, "one")]
    assert OrmQ.objects.count() == 1


def test_a_reader_has_no_more_workers_than_allowed() -> None:
    delivered = RecordingReader()
    with registered(Reader("one", KINDS, delivered, workers=1)):
        _write(1, 2)
        rows = outbox_delivery._claim(outbox.readers()[0], set())
        assert rows is not None
        assert tasks.deliver_events("one") == 0
        outbox_delivery._finish(rows)
        assert tasks.deliver_events("one") == 1
        assert tasks.deliver_events("nobody") == 0


def test_a_worker_that_has_run_long_enough_requests_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ticks = iter(range(0, 10_000, 20))
    monkeypatch.setattr(time, "monotonic", lambda: next(ticks))
    with registered(Reader("one", KINDS, RecordingReader())):
        _write(1, 2, 3)
        assert tasks.deliver_events("one") == 1
    assert QueuedJob.objects.filter(kind=outbox.TASK, subject="one").count() == 1


def test_the_clock_asks_for_a_worker_where_something_is_due() -> None:
    with registered(
        Reader("one", KINDS, RecordingReader()),
        Reader("two", frozenset({"else"}), RecordingReader()),
    ):
        assert tasks.deliver_due_events() == 0
        _write(1)
        assert tasks.deliver_due_events() == 1
        assert list(QueuedJob.objects.values_list("subject", flat=True)) == ["one"]
        assert tasks.deliver_due_events() == 1
    assert OrmQ.objects.count() == 1
