"""Deliver events to the readers of the outbox (core.outbox), with any number of workers.

The steps, in the order of the code: claim the next events of a few subjects, each from its first
one on; call the reader; delete the deliveries, and events that all readers have received. A failed
event is due again later, together with everything that its subject has waiting for that reader;
other subjects continue. The claim of a killed worker expires after LEASE.
"""

import datetime as dt
import logging
import secrets
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Count, Exists, F, Min, OuterRef, QuerySet
from django.utils import timezone

from core.models import OutboxDelivery, OutboxEvent
from core.outbox import LOCKS, Event, Reader, lock_number, reader_called

logger = logging.getLogger(__name__)

# How long a worker may take for one call of a reader.
LEASE = dt.timedelta(minutes=2)
# The delay before the first retry, and the longest delay.
FIRST_RETRY = dt.timedelta(seconds=10)
LAST_RETRY = dt.timedelta(hours=1)
# How many times, and how often, to retry a subject with an open transaction.
_ATTEMPTS, _PAUSE_SECONDS = 5, 0.02
_CODE_LENGTH = OutboxDelivery._meta.get_field("error_code").max_length


class DeliveryFailed(Exception):
    """A reader could not handle the events. `code` is stored with the deliveries.

    With `retry_in` nothing is wrong with these events: all of the call are retried then, and the
    worker leaves the reader alone.
    """

    def __init__(self, code: str, *, retry_in: dt.timedelta | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.retry_in = retry_in


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a reader: how many deliveries, since when, and the error of the oldest one
    that failed ("" if none has)."""

    reader: str
    count: int
    since: dt.datetime
    error_code: str


def deliver(
    name: str,
    *,
    at_most: dt.timedelta = dt.timedelta.max,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Deliver to the reader called `name` until nothing is due or `at_most` has passed; return how
    many deliveries were made."""
    reader = reader_called(name)
    if reader is None or not reader.is_active():
        return 0
    began, done, attempts = time.monotonic(), 0, _ATTEMPTS
    held: set[str] = set()
    while time.monotonic() - began < at_most.total_seconds():
        claimed = _claim(reader, held)
        if claimed:
            handed_over = _hand_over(reader, claimed)
            if handed_over is None:
                break
            done, attempts = done + handed_over, _ATTEMPTS
        elif claimed is None:
            if not held or not attempts:
                break
            # Their writer queues a worker with the commit, so a short wait is enough.
            held.clear()
            attempts -= 1
            sleep(_PAUSE_SECONDS)
    return done


def is_due(name: str) -> bool:
    """Return whether deliveries to the reader called `name` are due."""
    return _due(name, timezone.now()).exists()


def workers_of(name: str) -> int:
    """Return how many workers deliver to the reader called `name` now."""
    held = OutboxDelivery.objects.filter(reader=name, next_try_at__gt=timezone.now())
    return held.exclude(claim="").values("claim").distinct().count()


def discard(name: str) -> int:
    """Delete what waits for a reader called `name` that no longer exists; return how many
    deliveries."""
    rows = OutboxDelivery.objects.filter(reader=name)
    count = 0
    while some := list(rows.order_by("event").values_list("event", flat=True)[:500]):
        with transaction.atomic():
            count += _delete(rows.filter(event__in=some), some)
    return count


def waiting() -> list[Waiting]:
    """Return the backlog of each reader."""
    rows = OutboxDelivery.objects.order_by()
    counted = rows.values("reader").annotate(count=Count("pk"), since=Min("event__created_at"))
    failed = rows.exclude(error_code="").order_by("event")
    return [
        Waiting(
            reader=row["reader"],
            count=row["count"],
            since=row["since"],
            error_code=failed.filter(reader=row["reader"])
            .values_list("error_code", flat=True)
            .first()
            or "",
        )
        for row in counted.order_by("reader")
    ]


# -- claiming --------------------------------------------------------------------------------------


def _due(name: str, now: dt.datetime) -> QuerySet[OutboxDelivery]:
    """Return the due deliveries that are the first of their subject, the oldest first."""
    earlier = OutboxDelivery.objects.filter(
        reader=OuterRef("reader"), subject=OuterRef("subject"), event__lt=OuterRef("event")
    )
    due = OutboxDelivery.objects.filter(~Exists(earlier), reader=name, next_try_at__lte=now)
    return due.order_by("next_try_at", "event")


def _claim(reader: Reader, held: set[str]) -> list[OutboxDelivery] | None:
    """Claim the next deliveries and return them with their events; None if nothing is due except
    for subjects in `held`, to which unavailable subjects are added."""
    with transaction.atomic():
        now = timezone.now()
        due = _due(reader.name, now).exclude(subject__in=held)
        subjects = list(due.values_list("subject", flat=True)[: reader.at_once])
        if not subjects:
            return None
        # Read after the locks were taken, when everything written before is visible.
        rows = _next_of(_nobody_writes_of(subjects), reader)
        claim = secrets.token_hex(8)
        OutboxDelivery.objects.filter(pk__in=_first_ones(rows, now)).update(
            next_try_at=now + LEASE, claim=claim
        )
        mine = OutboxDelivery.objects.filter(pk__in=[row.pk for row in rows], claim=claim)
        claimed = list(mine.select_related("event").order_by("event"))
    held |= set(subjects) - {row.subject for row in claimed}
    return claimed


def _nobody_writes_of(subjects: Sequence[str]) -> list[str]:
    """Return those of `subjects` without an open transaction that has written an event; none can
    begin before the end of this one."""
    if connection.vendor != "postgresql":
        return list(subjects)
    numbers = sorted({lock_number(subject) for subject in subjects})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT lock FROM unnest(%s::int[]) AS lock WHERE pg_try_advisory_xact_lock(%s, lock)",
            [numbers, LOCKS],
        )
        free = {number for (number,) in cursor.fetchall()}
    return [subject for subject in subjects if lock_number(subject) in free]


def _next_of(subjects: Collection[str], reader: Reader) -> list[OutboxDelivery]:
    rows = OutboxDelivery.objects.filter(reader=reader.name, subject__in=subjects)
    return list(rows.order_by("event")[: reader.at_once])


def _first_ones(rows: Sequence[OutboxDelivery], now: dt.datetime) -> list[int]:
    """Return the keys of those of `rows` that can be delivered: of each subject from its first one
    on, as far as they are due and not locked."""
    pks = [row.pk for row in rows]
    # Never wait here: others may wait for a lock of ours.
    free = set(
        OutboxDelivery.objects.select_for_update(skip_locked=True)
        .filter(pk__in=pks)
        .values_list("pk", flat=True)
    )
    stopped: set[str] = set()
    found = []
    for row in rows:
        if row.pk not in free or row.next_try_at > now:
            stopped.add(row.subject)
        elif row.subject not in stopped:
            found.append(row.pk)
    return found


# -- handing over ----------------------------------------------------------------------------------


def _hand_over(reader: Reader, rows: list[OutboxDelivery]) -> int | None:
    """Deliver the events of `rows` to `reader`, and return how many; None if it asked to be left
    alone for now."""
    try:
        reader.handler([_event(row) for row in rows])
    except DeliveryFailed as error:
        if error.retry_in is not None:
            _try_later(rows, error.code, error.retry_in)
            return None
        if len(rows) == 1:
            _failed(reader, rows[0], error.code)
            return 0
    except Exception as error:
        if len(rows) == 1:
            _failed(reader, rows[0], type(error).__name__)
            return 0
    else:
        _finish(rows)
        return len(rows)
    return _hand_over_singly(reader, rows)


def _hand_over_singly(reader: Reader, rows: list[OutboxDelivery]) -> int | None:
    """Deliver each of `rows` alone, so that a failure affects its subject only."""
    done, failed = 0, set()
    for place, row in enumerate(rows):
        if row.subject in failed:
            continue
        _claimed(rows[place:]).update(next_try_at=timezone.now() + LEASE)
        if not _claimed([row]).exists():
            # The claim has expired, and another worker has it.
            failed.add(row.subject)
            continue
        handed_over = _hand_over(reader, [row])
        if handed_over is None:
            _give_back(rows[place + 1 :])
            return None
        done += handed_over
        if not handed_over:
            failed.add(row.subject)
    return done


def _event(row: OutboxDelivery) -> Event:
    return Event(row.event_id, row.event.kind, row.subject, row.event.data)


def _claimed(rows: Sequence[OutboxDelivery]) -> QuerySet[OutboxDelivery]:
    """Return those of `rows` that are still claimed by this worker."""
    claim = rows[0].claim if rows else ""
    return OutboxDelivery.objects.filter(pk__in=[row.pk for row in rows], claim=claim)


def _give_back(rows: Sequence[OutboxDelivery]) -> None:
    _claimed(rows).update(next_try_at=timezone.now(), claim="")


def _finish(rows: Sequence[OutboxDelivery]) -> None:
    with transaction.atomic():
        _delete(_claimed(rows), [row.event_id for row in rows])


def _delete(rows: QuerySet[OutboxDelivery], events: Collection[int]) -> int:
    """Delete deliveries of `events`, and the events without further deliveries."""
    handled = OutboxEvent.objects.filter(pk__in=events)
    # One reader after the other; otherwise each would leave the event to the other.
    list(handled.order_by("pk").select_for_update().values_list("pk", flat=True))
    count = rows.delete()[0]
    left = OutboxDelivery.objects.filter(event=OuterRef("pk"))
    handled.filter(~Exists(left))._raw_delete(handled.db)
    return count


def _failed(reader: Reader, row: OutboxDelivery, code: str) -> None:
    """Record a failed delivery; later deliveries of its subject wait as long."""
    logger.warning("%s was not told of event %s: %s", reader.name, row.event_id, code)
    delay = min(FIRST_RETRY * 2 ** min(row.attempts, 16), LAST_RETRY)
    _try_later([row], code, delay, attempts=1)


def _try_later(
    rows: Sequence[OutboxDelivery], code: str, delay: dt.timedelta, attempts: int = 0
) -> None:
    due_at = timezone.now() + delay
    with transaction.atomic():
        mine = _claimed(rows)
        if not mine.update(attempts=F("attempts") + attempts, error_code=code[:_CODE_LENGTH]):
            return
        behind = OutboxDelivery.objects.filter(
            reader=rows[0].reader,
            subject__in={row.subject for row in rows},
            claim__in=("", rows[0].claim),
        )
        behind.update(next_try_at=due_at, claim="")
