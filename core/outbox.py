"""What happened, for whoever reacts to it: destinations, automated emails, webhooks.

`write` keeps an event in the transaction of what happened, with a delivery for each reader; so an
event is there if, and only if, what it tells of is. `core.outbox_delivery` hands it over: to each
reader, in order within a subject, and again where that failed or a worker died. Handed over to all,
it is deleted. Without a reader of its kind nothing is kept.

Numbers are given before the commit on PostgreSQL, so a lower one may appear later than a higher. A
reader that remembers how far it has read would miss it; a row for each delivery cannot be missed.
Nor is a later event of the same subject handed over before: who writes holds a shared lock for each
subject until the commit, and who hands over leaves a subject alone while anybody holds one. Shared
locks do not wait for each other, so no writer waits for another. Of changes to one row, events are
in order too, if they are written after the row: the second writer waits for the first one's row.
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
# "outb": among the advisory locks of the database, these are ours.
LOCKS = 0x6F757462
# A transaction that writes of all people there are needs no more locks than this.
_LOCKS_AT_MOST = 1024
# Events are due a little before they are written: clocks of several machines differ.
_CLOCKS_APART = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to `subject`; `data` is empty once that person was erased."""

    id: int
    kind: str
    subject: str
    data: dict[str, Any]


def _always() -> bool:
    return True


@dataclass(frozen=True)
class Reader:
    """Who is told of events of `kinds`, by a call of `handler`.

    It is given the next events, at most `at_once`: of each subject in order, and of no subject two
    processes at once. It raises what went wrong (`DeliveryFailed` where it knows a code). It must
    bear to be given an event again, where a worker died or another event in the same call failed,
    and end within `core.outbox_delivery.LEASE`. Nothing is kept for it while `is_active` says no;
    at most `workers` processes hand over to it at the same time.
    """

    name: str
    kinds: frozenset[str]
    handler: Callable[[Sequence[Event]], object]
    at_once: int = 1
    workers: int = 2
    is_active: Callable[[], bool] = _always


_readers: dict[str, Reader] = {}


def register(reader: Reader) -> None:
    """Have `reader` told what happens from now on; the ready() of an app calls it."""
    _readers[reader.name] = reader


def unregister(name: str) -> None:
    """Have the reader called `name` told nothing more. What waits for it stays (see `discard`)."""
    _readers.pop(name, None)


def readers() -> list[Reader]:
    """Return the readers that are registered."""
    return list(_readers.values())


def reader_called(name: str) -> Reader | None:
    """Return the reader called `name`; None where no app has registered it."""
    return _readers.get(name)


def is_read(kind: str) -> bool:
    """Return whether anybody reads events of `kind`: else no one needs to gather what they say."""
    return any(kind in reader.kinds and reader.is_active() for reader in _readers.values())


def write(kind: str, subject: object, data: Mapping[str, Any]) -> None:
    """Keep that `kind` happened to `subject`, for those who read it, after what it tells of was
    written and in the same transaction. `data` is as JSON takes it."""
    write_many(kind, [(subject, data)])


def write_many(kind: str, happened: Iterable[tuple[object, Mapping[str, Any]]]) -> None:
    """Do what `write` does for many (subject, data), in order and in bulk."""
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
    """Empty what events say of `subjects`, who were erased, and return of how many events."""
    waits = OutboxDelivery.objects.filter(subject__in=[str(subject) for subject in subjects])
    events = OutboxEvent.objects.filter(pk__in=waits.values("event")).exclude(data={})
    # In the order in which deliveries lock them too.
    pks = list(events.order_by("pk").select_for_update().values_list("pk", flat=True))
    return OutboxEvent.objects.filter(pk__in=pks).update(data={})


def lock_number(subject: str) -> int:
    """Return the lock that stands for `subject`; a few subjects share one."""
    return (int(subject) if subject.isdecimal() else crc32(subject.encode())) % _LOCKS_AT_MOST


_Events = Sequence[tuple[str, Mapping[str, Any]]]
_EVENTS, _DELIVERIES = OutboxEvent._meta.db_table, OutboxDelivery._meta.db_table


def _insert_on_postgresql(kind: str, events: _Events, names: list[str]) -> None:
    now = timezone.now()
    locks = sorted({lock_number(subject) for subject, _data in events})
    with connection.cursor() as cursor:
        # Before a number is given: whoever holds none writes nothing with a lower one.
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
        # One writes at a time, so that what has a higher number is what is written here.
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
    """Have each reader's events handed over: queued once, and found by the clock otherwise."""
    for name in names:
        enqueue(TASK, name)
