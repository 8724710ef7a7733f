"""Read a list of another system into the file that is imported, in portions.

Each portion is stored in one transaction with the position of the next one. Killed anywhere, the
same portion is read again, and none is stored twice.
"""

import csv
import datetime as dt
import io
from collections.abc import Sequence

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from contact_imports.limits import MAX_FILE_BYTES, MAX_ROWS
from contact_imports.models import ContactImport, ImportChunk
from contact_imports.reasons import Unreadable
from contact_imports.sources import (
    Column,
    ContactSource,
    FoundList,
    ListPortion,
    SourceDelayed,
    SourceError,
    source_of,
)
from core.csv_export import escape_formula

State = ContactImport.State

# A portion takes two calls of some seconds each, and less than this even with timeouts.
_LEASE = dt.timedelta(minutes=2)
# How many times a portion is tried, with doubled delays: an hour in total.
_MAX_ATTEMPTS = 8
_FIRST_PAUSE, _LONGEST_PAUSE = dt.timedelta(minutes=1), dt.timedelta(minutes=15)
# How many lists of the latest imports are offered again.
_RECENT_IMPORTS, _OFFERED = 100, 20
# Longer values fit into no property, and are reported as too long.
_CELL_CHARACTERS = 1000


def begin(source: ContactSource, found: FoundList, **fields: object) -> ContactImport:
    """Return a new import of a list, to be read by a worker. Raises Unreadable for one that is too
    long."""
    if found.size is not None and found.size > MAX_ROWS:
        raise Unreadable("list_too_large")
    return ContactImport.objects.create(
        state=State.READING,
        filename=found.name[:255],
        source=source.key,
        source_key=found.key,
        source_size=found.size,
        source_columns=[list(column) for column in source.columns()],
        **fields,
    )


def earlier_names(source: ContactSource) -> list[str]:
    """Return the lists that were imported from a source before, the latest first."""
    imports = ContactImport.objects.filter(source=source.key).exclude(source_key="")
    names = imports.order_by("-pk").values_list("filename", flat=True)[:_RECENT_IMPORTS]
    return list(dict.fromkeys(names))[:_OFFERED]


def begin_again(item: ContactImport) -> bool:
    """Retry a list that could not be read, from the start; return whether that was possible."""
    failed = ContactImport.objects.filter(pk=item.pk, state=State.FAILED, columns=[])
    return bool(
        failed.exclude(source_key="").update(
            state=State.READING, error="", error_params={}, source_message="", finished_at=None,
            done=0, size=0, source_position={}, source_missing=0, fetched_at=None, read_attempts=0,
        )
    )  # fmt: skip


def read_all(item: ContactImport) -> bool:
    """Read the rest of a list; return whether all of it is stored. Raises Unreadable.

    False if it will be retried later, or someone else has the import.
    """
    mine = ContactImport.objects.filter(pk=item.pk, state=State.READING, fetched_at=None)
    source = source_of(item.source)
    if source is None:
        raise Unreadable("no_source")
    if item.read_attempts >= _MAX_ATTEMPTS:
        raise Unreadable(item.error or "list_unread", item.error_params, item.source_message)
    mine.update(read_attempts=F("read_attempts") + 1)
    columns = [Column(*each) for each in item.source_columns]
    try:
        while item.fetched_at is None:
            portion = source.read(item.source_key, columns, item.source_position)
            if not _store(item, columns, portion):
                return False
            item.refresh_from_db()
    except SourceDelayed as error:
        _wait(item, error)
        return False
    except SourceError as error:
        raise Unreadable(error.code, error.params, error.source_message) from None
    if not item.done:
        raise Unreadable("list_empty")
    return True


def _store(item: ContactImport, columns: Sequence[Column], portion: ListPortion) -> bool:
    """Store a portion; False if someone else has stored it, or discarded the import."""
    mine = ContactImport.objects.filter(pk=item.pk, state=State.READING, fetched_at=None)
    with transaction.atomic():
        locked = mine.select_for_update().first()
        if locked is None or locked.source_position != item.source_position:
            return False
        number = locked.chunks.count()
        content = _csv(columns, portion.rows, with_headings=not number)
        if portion.rows:
            ImportChunk.objects.create(contact_import=locked, number=number, content=content)
            locked.size += len(content)
            locked.done += len(portion.rows)
        if locked.done > MAX_ROWS or locked.size > MAX_FILE_BYTES:
            raise Unreadable("list_too_large")
        now = timezone.now()
        mine.update(
            size=locked.size,
            done=locked.done,
            source_missing=F("source_missing") + portion.missing,
            source_position=dict(portion.position or {}),
            fetched_at=now if portion.position is None else None,
            lease_until=now + _LEASE,
            # The first attempt of the next portion.
            read_attempts=0 if portion.position is None else 1,
            error="",
            error_params={},
            source_message="",
        )
    return True


def _csv(columns: Sequence[Column], rows: Sequence[Sequence[str]], *, with_headings: bool) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    if with_headings:
        writer.writerow([column.heading for column in columns])
    # In the format of our exports, because it is read as one.
    writer.writerows([escape_formula(cell[:_CELL_CHARACTERS]) for cell in row] for row in rows)
    return text.getvalue().encode()


def _wait(item: ContactImport, error: SourceDelayed) -> None:
    """Schedule a retry by the sweep, with the reason for the page."""
    attempts = ContactImport.objects.values_list("read_attempts", flat=True).get(pk=item.pk)
    pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** max(0, attempts - 1))
    values = {"read_attempts": attempts}
    if error.retry_after is not None:
        # Being asked to wait is no failure.
        pause = dt.timedelta(seconds=max(1.0, error.retry_after))
        values = {"read_attempts": 0}
    ContactImport.objects.filter(pk=item.pk, state=State.READING, fetched_at=None).update(
        lease_until=timezone.now() + pause,
        error=error.code,
        error_params=error.params,
        source_message=error.source_message,
        **values,
    )
