"""Readers of the outbox that record events, and many concurrent writers."""

import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connections, transaction

from core import outbox, outbox_delivery
from core.outbox import Event, Reader


class RecordingReader:
    """The events that a reader received, by subject; `trouble` may raise for an event."""

    def __init__(self, trouble: Callable[[Event], object] = lambda event: None) -> None:
        self.events: list[Event] = []
        self.by_subject: dict[str, list[Event]] = defaultdict(list)
        self.met_twice: list[str] = []
        self._trouble = trouble
        self._lock, self._under_way = threading.Lock(), Counter[str]()

    def __call__(self, events: Sequence[Event]) -> None:
        subjects = {event.subject for event in events}
        with self._lock:
            self.met_twice += [subject for subject in subjects if self._under_way[subject]]
            self._under_way.update(subjects)
        try:
            for event in events:
                self._trouble(event)
            with self._lock:
                for event in events:
                    self.events.append(event)
                    self.by_subject[event.subject].append(event)
        finally:
            with self._lock:
                self._under_way.subtract(subjects)

    @property
    def data(self) -> list[dict[str, Any]]:
        return [event.data for event in self.events]


@contextmanager
def registered(*readers: Reader) -> Iterator[None]:
    """Register only these readers inside the block."""
    before = outbox.readers()
    for reader in before:
        outbox.unregister(reader.name)
    for reader in readers:
        outbox.register(reader)
    try:
        yield
    finally:
        for reader in readers:
            outbox.unregister(reader.name)
        for reader in before:
            outbox.register(reader)


def in_threads(*work: Callable[[], object]) -> list[threading.Thread]:
    """Start a thread for each of `work`; its connection to the database is closed at the end."""

    def run(one: Callable[[], object]) -> None:
        try:
            one()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    return threads


SUBJECTS = 60


def write_at_random(writer: int, events: int, seed: int, at_once: int) -> None:
    """Write this many events of random subjects, `at_once` at most, with random pauses while the
    transaction is open; each has the number of its writer."""
    chance = random.Random(seed * 1000 + writer)
    number = 0
    while number < events:
        with transaction.atomic():
            for _ in range(min(chance.randint(1, 2), events - number)):
                some = range(number, min(number + chance.randint(1, at_once), events))
                outbox.write_many(
                    "happened",
                    [(chance.randrange(SUBJECTS), {"writer": writer, "n": n}) for n in some],
                )
                number = some.stop
                if chance.random() < 0.3:
                    time.sleep(chance.random() * 0.002)


def deliver_until(done: threading.Event, name: str) -> None:
    """Deliver to the reader called `name` until all have written and nothing is pending."""
    while True:
        last = done.is_set()
        outbox_delivery.deliver(name)
        if last and not any(item.reader == name for item in outbox_delivery.waiting()):
            return
        done.wait(0.005)


def write_and_read(
    writers: int, events: int, seed: int, *, at_once: int = 2
) -> tuple[RecordingReader, RecordingReader]:
    """Let `writers` write `events` each, `at_once` at most, while four workers deliver them to two
    readers, the second of which sometimes fails; return what both received."""
    chance = random.Random(seed)

    def trouble(event: Event) -> None:
        if chance.random() < 0.002:
            raise ValueError("now and then")

    first, second = RecordingReader(), RecordingReader(trouble)
    kinds = frozenset({"happened"})
    with registered(
        Reader("first", kinds, first, at_once=200), Reader("second", kinds, second, at_once=20)
    ):
        done = threading.Event()
        workers = in_threads(
            *[
                lambda name=name: deliver_until(done, name)
                for name in ("first", "first", "second", "second")
            ]
        )
        crowd = in_threads(
            *[lambda one=one: write_at_random(one, events, seed, at_once) for one in range(writers)]
        )
        for thread in crowd:
            thread.join()
        done.set()
        for thread in workers:
            thread.join()
    return first, second


def assert_each_event_once_and_in_order(
    delivered: RecordingReader, writers: int, events: int
) -> None:
    """Check that `delivered` has each event of each writer once, those of a subject in order."""
    assert not delivered.met_twice
    found = Counter((event.data["writer"], event.data["n"]) for event in delivered.events)
    expected = {(writer, n) for writer in range(writers) for n in range(events)}
    assert set(found) == expected
    assert set(found.values()) == {1}
    for some in delivered.by_subject.values():
        ids = [event.id for event in some]
        assert ids == sorted(ids)
        for writer in range(writers):
            own = [event.data["n"] for event in some if event.data["writer"] == writer]
            assert own == sorted(own)
