"""The jobs of imports: read an uploaded file, check it, write it, and undo that, in portions.

Each portion is a transaction, so that no one waits for a large file. A worker that is killed leaves
whole portions, and the sweep continues after them. A failed import is undone: a file is imported
completely or not at all.
"""

import datetime as dt
import logging
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Count, F, QuerySet
from django.utils import timezone

from contact_imports import (
    addresses,
    contact_hooks,
    registrations,
    source_reader,
    undo,
    uploads,
    writer,
)
from contact_imports.limits import MAX_READ_ATTEMPTS, Budget
from contact_imports.mapping import Line, guess, lines
from contact_imports.models import IS_RUNNING, UNDOABLE, ContactImport, ImportLine
from contact_imports.parsers import Table, read
from contact_imports.plan import Planner
from contact_imports.portions import let_others_write, portions
from contact_imports.reasons import Unreadable
from core.audit import Action, log_change
from core.conditions import has_passed

logger = logging.getLogger(__name__)
State = ContactImport.State
Outcome = ImportLine.Outcome

# The lease; a large file is read in this time, or skipped up to where it was written before.
_READ_LEASE = dt.timedelta(minutes=2)
_LEASE = dt.timedelta(minutes=1)
# A file that is not imported is deleted after this time: it holds personal data.
_GIVEN_UP = dt.timedelta(days=2)
_DELETED_AT_ONCE = 2000
# How much of the first lines and headings a page shows.
_SAMPLE_LINES = 5
_SAMPLE_CHARACTERS = 120
_HEADING_CHARACTERS = 255
# How often the progress of reading is saved.
_PROGRESS_EVERY_LINES = 5000


def waiting(now: dt.datetime) -> QuerySet[ContactImport]:
    """Return the imports with work to do that no worker holds."""
    return ContactImport.objects.filter(IS_RUNNING, has_passed("lease_until", now))


def run_import(import_id: int) -> str:
    """Run the next step of the waiting import, and return its state; None if none waits."""
    now = timezone.now()
    mine = waiting(now).filter(pk=import_id)
    if not mine.update(lease_until=now + _READ_LEASE):
        return "no one waits for it"
    item = ContactImport.objects.get(pk=import_id)
    try:
        _run_step(item)
    except Exception as error:
        if not isinstance(error, Unreadable):
            logger.exception("Import %s failed", item.pk)
        _fail(item, error if isinstance(error, Unreadable) else Unreadable("failed"))
    item.refresh_from_db()
    return str(item.state)


def _run_step(item: ContactImport) -> None:
    if item.state == State.READING:
        _read(item)
    elif item.state == State.CHECKING:
        _check(item)
    elif item.state == State.IMPORTING:
        _write(item)
    else:
        _undo(item)


def _fail(item: ContactImport, error: Unreadable) -> None:
    """End a failed step. What was written is undone, now or by the sweep."""
    rows = ContactImport.objects.filter(pk=item.pk)
    if item.state == State.READING:
        if error.code == "failed":
            # Not the file's fault: the sweep retries it, a limited number of times.
            rows.filter(state=State.READING).update(lease_until=timezone.now() + _LEASE)
        else:
            _refuse(item, error)
    elif item.state == State.CHECKING:
        rows.filter(state=State.CHECKING).update(
            state=State.FAILED, error=error.code, lease_until=None, finished_at=timezone.now()
        )
    elif item.state == State.IMPORTING:
        until = timezone.now() + _LEASE
        if rows.filter(state=State.IMPORTING).update(
            state=State.UNDOING, error=error.code, lease_until=until
        ):
            try:
                _undo(item)
            except Exception:
                logger.exception("Import %s is to be undone by the sweep", item.pk)


# -- reading ---------------------------------------------------------------------------------------


def _read(item: ContactImport) -> None:
    """Read the whole file. Once it was read within the limits, it is read without a time limit from
    then on."""
    mine = ContactImport.objects.filter(pk=item.pk, state=State.READING)
    if item.source and item.fetched_at is None and not source_reader.read_all(item):
        return
    mine.update(read_attempts=F("read_attempts") + 1)
    if item.read_attempts >= MAX_READ_ATTEMPTS:
        raise Unreadable("unread")
    with uploads.opened(item) as file:
        how = {"encoding": "utf-8", "heading_row": 1} if item.source else item.read_as
        table = read(item.stored_name, file, **how, budget=Budget())
        sample: list[list[str]] = []
        total = 0
        for _number, row in table.rows:
            if len(sample) < _SAMPLE_LINES:
                sample.append([cell[:_SAMPLE_CHARACTERS] for cell in row])
            total += 1
            if not total % _PROGRESS_EVERY_LINES:
                until = timezone.now() + _READ_LEASE
                if not mine.update(done=total, lease_until=until):
                    return
        mine.update(done=total, lease_until=timezone.now() + _READ_LEASE)
        found = addresses.addresses_of(item.stored_name, file, table.encoding)
    with transaction.atomic():
        locked = mine.select_for_update().first()
        if locked is None or contact_hooks.discard_if_deleted(locked, found):
            return
        addresses.save(locked, found)
        mine.update(
            state=State.UPLOADED, lease_until=None, read_as={}, read_attempts=0, look_for=[],
            error="", done=0, sample=sample, total=total, **_found(item, table),
        )  # fmt: skip


def _found(item: ContactImport, table: Table) -> dict[str, Any]:
    """Return what is stored of how a file was read. A list defines itself what its columns mean."""
    mapping = [meaning for _heading, meaning in item.source_columns]
    columns = [heading[:_HEADING_CHARACTERS] for heading in table.columns]
    return {
        "columns": columns,
        "mapping": mapping or guess(columns),
        "encoding": table.encoding,
        "sheet": table.sheet,
        "sheets": list(table.sheets),
        "heading_row": table.heading_row,
    }


def _refuse(item: ContactImport, error: Unreadable) -> None:
    """End the reading of an unreadable file: the file is deleted. One that was readable before, and
    not with a user's new choices, is left as it was."""
    mine = ContactImport.objects.filter(pk=item.pk, state=State.READING)
    again: dict[str, Any] = {
        "error": error.code,
        "error_params": error.params,
        "source_message": error.source_message,
        "lease_until": None,
        "read_as": {},
        "read_attempts": 0,
        "look_for": [],
        "done": 0,
        "source_position": {},
    }
    if item.columns:
        mine.update(state=State.UPLOADED, **again)
        return
    with transaction.atomic():
        if mine.update(state=State.FAILED, finished_at=timezone.now(), **again):
            uploads.forget(item)


# -- checking --------------------------------------------------------------------------------------


def _check(item: ContactImport) -> None:
    found = _lines_of(item)
    mine = ContactImport.objects.filter(pk=item.pk, state=State.CHECKING)
    while _delete_some(item.lines.all()):
        let_others_write()
    planner, done = Planner(item.webinar), 0
    for portion in portions(found):
        with transaction.atomic():
            done += len(portion)
            if not mine.update(done=done, lease_until=timezone.now() + _LEASE):
                return
            planned = planner.plan(portion)
            writer.save_lines(item, portion, planned)
        let_others_write()
    mine.update(state=State.CHECKED, lease_until=None, **_counts(item))


# -- writing ---------------------------------------------------------------------------------------


def _write(item: ContactImport) -> None:
    found = _lines_of(item)
    done = sum(1 for _line in islice(found, item.done))
    mine = ContactImport.objects.filter(pk=item.pk, state=State.IMPORTING)
    while not done and _delete_some(item.lines.all()):
        # Restart the counts of the check: from now on each line is one that was written.
        let_others_write()
    planner = Planner(item.webinar, writer.met_before(item) if done else None)
    for portion in portions(found):
        with transaction.atomic():
            until = timezone.now() + _LEASE
            # No one else has written this portion.
            if not mine.filter(done=done).update(done=done + len(portion), lease_until=until):
                return
            writer.write(item, portion, planner.plan(portion))
        done += len(portion)
        let_others_write()
    if item.webinar is not None:
        registrations.register(item, mine, _LEASE)
    with transaction.atomic():
        if mine.update(
            state=State.DONE, lease_until=None, finished_at=timezone.now(), sample=[], sheet="",
            sheets=[], done=item.total, **_counts(item),
        ):  # fmt: skip
            uploads.forget(item)
            _note(item)


def _lines_of(item: ContactImport) -> Iterator[Line]:
    """Yield the lines of a file. It is read outside of the transactions of its portions."""
    with uploads.opened(item) as file:
        table = read(
            item.stored_name,
            file,
            encoding=item.encoding,
            sheet=item.sheet,
            heading_row=item.heading_row,
            budget=Budget(seconds=None),
        )
        yield from lines(table.rows, item.mapping)


def _counts(item: ContactImport) -> dict[str, int]:
    """Return how many lines have which outcome, how many lack what the webinar requires, and of how
    many a value is sent differently."""
    found = dict.fromkeys(map(str, Outcome), 0)
    rows = item.lines.order_by().values_list("outcome").annotate(n=Count("pk"))
    differently = item.lines.exclude(sent_differently=[]).count()
    lacking = item.lines.exclude(lacking=[]).count()
    return found | dict(rows) | {"lacking": lacking, "sent_differently": differently}


def _note(item: ContactImport) -> None:
    """Log in the audit log who imported what; each contact's history has it too."""
    people = ContactImport.objects.get(pk=item.pk).changed_count
    log_change(
        item.run_by_id or item.created_by_id,
        item,
        "audit.imported",
        {"count": people},
        action=Action.IMPORTED,
    )


# -- undoing ---------------------------------------------------------------------------------------


def _undo(item: ContactImport) -> None:
    mine = ContactImport.objects.filter(pk=item.pk, state=State.UNDOING)
    while True:
        with transaction.atomic():
            if not mine.update(lease_until=timezone.now() + _LEASE):
                return
            if not undo.undo_some(item):
                break
        let_others_write()
    kept = item.lines.filter(undo__in=(ImportLine.Undo.KEPT, ImportLine.Undo.PARTLY)).count()
    ended: dict[str, Any] = {"undo_skipped": kept, "lease_until": None}
    failed = mine.exclude(error="")
    if not failed.update(state=State.FAILED, finished_at=timezone.now(), done=0, **ended):
        mine.update(state=State.UNDONE, **ended)


# -- cleaning up -----------------------------------------------------------------------------------


def clean_up(now: dt.datetime) -> None:
    """Delete files that were never imported, and the lines of imports that can no longer be
    undone."""
    given_up = ContactImport.objects.filter(created_at__lt=now - _GIVEN_UP).exclude(
        state__in=(State.IMPORTING, State.DONE, State.UNDOING, State.UNDONE)
    )
    old = ContactImport.objects.filter(finished_at__lt=now - UNDOABLE)
    for rows in (
        ImportLine.objects.filter(contact_import__in=given_up),
        ImportLine.objects.filter(contact_import__in=old),
    ):
        while _delete_some(rows):
            let_others_write()
    for item in given_up:
        item.delete()
        let_others_write()


def _delete_some(rows: QuerySet[ImportLine]) -> int:
    """Delete a portion of `rows`, and return how many that was."""
    some = list(rows.order_by("pk").values_list("pk", flat=True)[:_DELETED_AT_ONCE])
    return ImportLine.objects.filter(pk__in=some).delete()[0] if some else 0
