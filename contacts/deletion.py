"""Delete people so that they stay deleted and leave no trace (rule 5 of docs/concepts.md).

However a contact is deleted (page, action, command, shell), one transaction stores a keyed hash of
each of their addresses, has every app remove them from rows that do not point to them, and deletes
their rows.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.signals import pre_delete

from contacts import contact_hooks, events
from contacts.contact_hooks import People
from contacts.matching import ids_by_email
from contacts.models import Contact
from contacts.tombstones import bury
from core.emails import email_key

_BATCH = 500
# Contacts whose traces are already removed, so `pre_delete` skips them.
_under_way: ContextVar[frozenset[int]] = ContextVar("_under_way", default=frozenset())


def delete_contacts(contacts: QuerySet[Contact], *, permanent: bool = False) -> int:
    """Delete `contacts` with all their data, and return how many there were.

    With `permanent` it is an erasure: not even a newer registration on the platform creates the
    contact again.
    """
    ids = list(contacts.order_by("pk").values_list("pk", flat=True))
    count = 0
    with transaction.atomic():
        for start in range(0, len(ids), _BATCH):
            people = contact_hooks.people_of(ids[start : start + _BATCH])
            count += _delete(people, permanent=permanent)[Contact._meta.label]
    return count


def erase(address: str) -> Counter[str]:
    """Erase the person at `address` permanently, whether there is a contact or only traces; return
    how many rows were deleted or changed, by the model's label."""
    key = email_key(address)
    people = contact_hooks.people_of(set(ids_by_email([key]).values()))
    return _delete(people | People(emails=frozenset({key})), permanent=True)


def undo_creation(contact_ids: Collection[int]) -> None:
    """Delete contacts that should not have been created. They did not ask to be deleted: a sync may
    create them again, and their addresses are not remembered."""
    if not contact_ids:
        return
    with transaction.atomic(), _no_signal_for(contact_ids):
        contact_hooks.scrub(People(frozenset(contact_ids)))
        Contact.objects.filter(pk__in=contact_ids).delete()
        events.deleted(contact_ids)


def _delete(people: People, *, permanent: bool) -> Counter[str]:
    with transaction.atomic(), _no_signal_for(people.ids):
        bury(*people.emails, permanent=permanent)
        rows = contact_hooks.scrub(people)
        rows.update(Contact.objects.filter(pk__in=people.ids).delete()[1])
        events.deleted(people.ids, permanent=permanent)
    return rows


@contextmanager
def _no_signal_for(contact_ids: Collection[int]) -> Iterator[None]:
    token = _under_way.set(_under_way.get() | frozenset(contact_ids))
    try:
        yield
    finally:
        _under_way.reset(token)


def _leave_no_trace(sender: type[Contact], instance: Contact, **__: Any) -> None:
    if instance.pk not in _under_way.get():
        people = contact_hooks.people_of([instance.pk])
        bury(*people.emails)
        contact_hooks.scrub(people)
        events.deleted([instance.pk])


def connect() -> None:
    """Connect to the deletion of contacts."""
    pre_delete.connect(_leave_no_trace, sender=Contact, dispatch_uid="contacts.leave_no_trace")
