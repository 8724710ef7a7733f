"""Checking an uploaded file, and writing it: in a worker, once, all or nothing.

A worker that dies leaves the row as it was, for the write is one transaction that ends the import
too. The sweep begins anew what nobody holds any more.
"""

import datetime as dt
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contact_imports.mapping import NAMES, Line, lines, missing
from contact_imports.models import ContactImport
from contact_imports.parsers import Unreadable, read
from contacts.matching import contacts_by_email, ids_by_email
from contacts.models import Contact
from contacts.tombstones import tombstones_of
from core.audit import note
from registration_forms.registrations import register_contacts
from webinars.models import Registration

logger = logging.getLogger(__name__)
State = ContactImport.State

_SLICE = 500
_SHOWN_ERRORS = 200
# A slice is checked in far less, and a hundred thousand lines are written in it.
_CHECK_LEASE = dt.timedelta(minutes=1)
_WRITE_LEASE = dt.timedelta(minutes=10)
_WRITTEN = [name for name in NAMES if name != "email"]


@dataclass(slots=True)
class Tally:
    """What a file would do, or did, in numbers of lines."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    skipped: int = 0
    wrong: int = 0
    errors: list[tuple[int, str]] = field(default_factory=list)

    def tell(self, number: int, sentence: str) -> None:
        if len(self.errors) < _SHOWN_ERRORS:
            self.errors.append((number, sentence))

    def as_dict(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in self.__slots__}


def waiting(now: dt.datetime) -> QuerySet[ContactImport]:
    """Return the imports that a worker should do and none holds."""
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    return ContactImport.objects.filter(free, state__in=(State.CHECKING, State.IMPORTING))


def work(import_id: int) -> str:
    """Check or write the import that waits, and return its state; nothing where none waits."""
    now = timezone.now()
    mine = waiting(now).filter(pk=import_id)
    if not mine.update(lease_until=now + _WRITE_LEASE):
        return "nobody waits for it"
    item = ContactImport.objects.get(pk=import_id)
    try:
        if item.state == State.CHECKING:
            _check(item)
        else:
            _write(item)
    except Unreadable as error:
        _fail(item, str(error))
    except Exception:
        logger.exception("Import %s failed", item.pk)
        _fail(item, _("Something went wrong here, and nobody was imported. Try again."))
    item.refresh_from_db()
    return str(item.state)


def _fail(item: ContactImport, sentence: str) -> None:
    ContactImport.objects.filter(pk=item.pk).update(
        state=State.FAILED, error=sentence, lease_until=None, finished_at=timezone.now()
    )


def _check(item: ContactImport) -> None:
    tally = Tally()

    def seen(done: int) -> None:
        ContactImport.objects.filter(pk=item.pk, state=State.CHECKING).update(
            done=done, lease_until=timezone.now() + _CHECK_LEASE
        )

    for _plan in _plans(_lines_of(item), tally, seen):
        pass  # counted, and not written
    ContactImport.objects.filter(pk=item.pk, state=State.CHECKING).update(
        state=State.CHECKED, lease_until=None, **tally.as_dict()
    )


def _write(item: ContactImport) -> None:
    """Write everybody and end the import in one transaction, or nothing."""
    # What takes longest, reading and checking the cells, is done before anything is locked.
    found = list(_lines_of(item))
    tally, registered = Tally(), 0
    with transaction.atomic():
        mine = ContactImport.objects.select_for_update().filter(pk=item.pk, state=State.IMPORTING)
        if not mine.exists():
            return
        for contacts in _plans(found, tally):
            Contact.objects.bulk_create(
                contacts,
                update_conflicts=True,
                unique_fields=["email_key"],
                update_fields=[*_WRITTEN, "updated_at"],
            )
        if item.webinar is not None:
            registered = register_contacts(
                item.webinar, _ids(found), Registration.Source.IMPORT
            ).new
        mine.update(
            state=State.DONE, lease_until=None, finished_at=timezone.now(), content=b"", sample=[],
            done=item.total, registered=registered, **tally.as_dict(),
        )  # fmt: skip
        _note(item, tally)


def _lines_of(item: ContactImport) -> Iterator[Line]:
    return lines(read(item.filename, bytes(item.content)), item.mapping)


def _ids(found: Iterable[Line]) -> Iterator[int]:
    people = iter({line.person for line in found if line.person})
    while portion := list(islice(people, _SLICE)):
        yield from ids_by_email(portion).values()


def _plans(
    found: Iterable[Line], tally: Tally, seen: Callable[[int], None] = lambda done: None
) -> Iterator[list[Contact]]:
    """Yield, slice by slice, the contacts to write as they will be, and count all into `tally`.

    Somebody already here is changed where the file says something else; an empty cell changes
    nothing. Of two lines with one address the first counts. Who was erased for good is passed over
    (rule 5). `seen` is told the lines looked at.
    """
    met: dict[str, int] = {}
    rest, done = iter(found), 0
    while portion := list(islice(rest, _SLICE)):
        people = {line.person for line in portion if line.person}
        here = contacts_by_email(people)
        stones = tombstones_of(people - here.keys())
        plan: list[Contact] = []
        for line in portion:
            stone = stones.get(line.person)
            known = here.get(line.person)
            first = met.setdefault(known.email_key if known else line.person, line.number)
            if line.problem:
                tally.wrong += 1
                tally.tell(line.number, line.problem)
            elif first != line.number:
                tally.skipped += 1
                tally.tell(
                    line.number,
                    _("The same person stands in line %(line)d already.") % {"line": first},
                )
            elif stone is not None and stone.for_good:
                tally.skipped += 1
                tally.tell(line.number, _("This person was erased for good and stays so."))
            else:
                contact = _planned(line, known, tally)
                if contact is not None:
                    plan.append(contact)
        done += len(portion)
        seen(done)
        yield plan


def _planned(line: Line, contact: Contact | None, tally: Tally) -> Contact | None:
    """Return the contact that `line` makes or changes; None where it does neither."""
    if contact is None:
        lacking = missing(line.values)
        if lacking:
            tally.wrong += 1
            tally.tell(line.number, lacking)
            return None
        tally.new += 1
        return Contact(email_key=line.person, source=Contact.Source.IMPORT, **line.values)
    told = {name: value for name, value in line.values.items() if name != "email"}
    if all(getattr(contact, name) == value for name, value in told.items()):
        tally.unchanged += 1
        return None
    for name, value in told.items():
        setattr(contact, name, value)
    tally.changed += 1
    return contact


def _note(item: ContactImport, tally: Tally) -> None:
    """Say in the history of changes who imported what (the people's own rows do not)."""
    people = tally.new + tally.changed
    said = ngettext("Imported %(count)d person.", "Imported %(count)d people.", people)
    note(item.made_by_id, item, said % {"count": people})
