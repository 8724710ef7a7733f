"""The outbox: events for destinations, automated emails and webhooks.

`write` stores an event in the transaction of what happened, with one delivery for each reader, so
an event exists if and only if what it is about was committed. `core.outbox_delivery` delivers it to
each reader: in order within a subject, and again after a failure or a killed worker. An event is
deleted when it has been delivered to all. Events without a reader are not stored.

On PostgreSQL, numbers are assigned before the commit, so a lower one may appear later than a higher
one. A reader that remembers the last number read would miss it; a row for each delivery cannot be
missed. Later events of the same subject wait too: a writer holds a shared lock for each subject
until the commit, and a subject is not delivered while anyone holds its lock. Shared locks do not
block each other, so no writer waits for another. Events about one row are in order as well if they
are written after the row, because the second writer waits for the row.
"""

import datetime as dt
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from zlib import crc32

from django.db import connection, transaction
from django.utils import timezone

from core.models import OutboxDelivery, OutboxEvent
from core.queue import enqueue

TASK = "core.tasks.deliver_events"
# "outb": the namespace of our advisory locks in the database.
LOCKS = 0x6F757462
# A transaction that writes events of everyone needs no more locks than this.
_LOCKS_AT_MOST = 1024
# Events are due slightly before they are written, because the clocks of several machines differ.
_CLOCKS_APART = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to `subject`; `data` is empty after that person was erased."""

    id: int
    kind: str
    subject: str
    data: dict[str, Any]


def _always() -> bool:
    return True


@dataclass(frozen=True)
class Reader:
    """A reader of events of `kinds`, which are passed to `handler`.

    `handler` gets at most `at_once` of the next events: of each subject in order, and of no subject
    in two processes at once. It raises an exception on failure (`DeliveryFailed` with a code). It
    must tolerate getting an event again, after a worker was killed or another event of the same
    call failed, and end within `core.outbox_delivery.LEASE`. While `is_active` returns False
    nothing is stored for it. At most `workers` processes deliver to it at the same time.
    """

    name: str
    kinds: frozenset[str]
    handler: Callable[[Sequence[Event]], object]
    at_once: int = 1
    workers: int = 2
    is_active: Callable[[], bool] = _always


_readers: dict[str, Reader] = {}


def register(reader: Reader) -> None:
    """Register `reader` for events from now on; called in an app's ready()."""
    _readers[reader.name] = reader


def unregister(name: str) -> None:
    """Remove the reader called `name`. Its pending deliveries stay (see `discard`)."""
    _readers.pop(name, None)


def readers() -> list[Reader]:
    """Return the registered readers."""
    return list(_readers.values())


def reader_called(name: str) -> Reader | None:
    """Return the reader called `name`; None if no app has registered it."""
    return _readers.get(name)


def is_read(kind: str) -> bool:
    """Return whether there are readers of events of `kind`; otherwise no data needs to be
    collected."""
    return any(kind in reader.kinds and reader.is_active() for reader in _readers.values())


def write(kind: str, subject: object, data: Mapping[str, Any]) -> None:
    """Store that `kind` happened to `subject`, for its readers. Call it after writing what it is
    about, in the same transaction. `data` must be JSON-serializable."""
    write_many(kind, [(subject, data)])


def write_many(kind: str, happened: Iterable[tuple[object, Mapping[str, Any]]]) -> None:
    """Store many (subject, data), in order and in bulk."""
    names = [item.name for item in _readers.values() if kind in item.kinds and item.is_active()]
    if not names:
        return
    events = [(str(subject), data) for subject, data in happened]
    if not events:
        return
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "An event belongs into the transaction of what happened."
        )
    insert = _insert_on_postgresql if connection.vendor == "postgresql" else _insert_on_sqlite
    insert(kind, events, names)
    transaction.on_commit(partial(_wake, names), robust=True)


def scrub(subjects: Collection[object]) -> int:
    """Empty the data of events about `subjects`, who were erased, and return of how many events."""
    waits = OutboxDelivery.objects.filter(subject__in=[str(subject) for subject in subjects])
    events = OutboxEvent.objects.filter(pk__in=waits.values("event")).exclude(data={})
    # In the order in which deliveries are locked.
    pks = list(events.order_by("pk").select_for_update().values_list("pk", flat=True))
    return OutboxEvent.objects.filter(pk__in=pks).update(data={})


def lock_number(subject: str) -> int:
    """Return the lock of `subject`; a few subjects share one."""
    return (int(subject) if subject.isdecimal() else crc32(subject.encode())) % _LOCKS_AT_MOST


_Events = Sequence[tuple[str, Mapping[str, Any]]]
_EVENTS, _DELIVERIES = OutboxEvent._meta.db_table, OutboxDelivery._meta.db_table


def _insert_on_postgresql(kind: str, events: _Events, names: list[str]) -> None:
    now = timezone.now()
    locks = sorted({lock_number(subject) for subject, _data in events})
    with connection.cursor() as cursor:
        # Before a number is assigned, so that no one else writes a lower one later.
        cursor.execute(
            "SELECT count(pg_advisory_xact_lock_shared(%s, lock)) FROM unnest(%s::int[]) AS lock",
            [LOCKS, locks],
        )
        cursor.execute(
            f"""WITH written AS (
                INSERT INTO {_EVENTS} (kind, subject, data, created_at)
                SELECT %s, item->>0, item->1, %s FROM (
                    SELECT item FROM jsonb_array_elements(%s::jsonb) WITH ORDINALITY AS t(item, n)
                    ORDER BY n
                ) AS items
                RETURNING id, subject
            )
            INSERT INTO {_DELIVERIES} (event_id, reader, subject, next_try_at)
            SELECT id, reader, subject, %s
            FROM written CROSS JOIN unnest(%s::text[]) AS reader""",
            [kind, now, json.dumps(events), now - _CLOCKS_APART, names],
        )


def _insert_on_sqlite(kind: str, events: _Events, names: list[str]) -> None:
    now, adapt = timezone.now(), connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        # One writer at a time: rows with higher numbers are those inserted here.
        cursor.execute(f"SELECT COALESCE(MAX(id), 0) FROM {_EVENTS}")
        (before,) = cursor.fetchone()
        cursor.execute(
            f"""INSERT INTO {_EVENTS} (kind, subject, data, created_at)
            SELECT %s, json_extract(value, '$[0]'), json_extract(value, '$[1]'), %s
            FROM json_each(%s) ORDER BY key""",
            [kind, adapt(now), json.dumps(events)],
        )
        cursor.execute(
            f"""INSERT INTO {_DELIVERIES} (event_id, reader, subject, next_try_at)
            SELECT {_EVENTS}.id, reader.value, subject, %s
            FROM {_EVENTS}, json_each(%s) AS reader WHERE {_EVENTS}.id > %s""",
            [adapt(now - _CLOCKS_APART), json.dumps(names), before],
        )


def _wake(names: Iterable[str]) -> None:
    """Queue a delivery job for each reader; periodic jobs find what is missed."""
    for name in names:
        enqueue(TASK, name)
