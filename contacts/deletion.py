"""Deleting people so that they stay deleted (rule 5 of docs/architecture.md)."""

import hashlib
import hmac
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.signals import pre_delete
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.models import Contact, FurtherEmail, Tombstone
from core.emails import email_key


def email_hash(address: str) -> str:
    """Return the keyed hash under which the deletion of `address` is remembered."""
    key = settings.CONTACT_HASH_KEY.encode()
    return hmac.new(key, email_key(address).encode(), hashlib.sha256).hexdigest()


def tombstones_of(email_keys: Iterable[str]) -> dict[str, Tombstone]:
    """Return, by e-mail key, the tombstones of those addresses that have one."""
    hashes = {email_hash(key): key for key in email_keys}
    found = Tombstone.objects.filter(email_hash__in=hashes)
    return {hashes[stone.email_hash]: stone for stone in found}


def bury(address: str, *, for_good: bool = False) -> None:
    """Remember that the person at `address` was deleted now. For good stays for good."""
    hashed = email_hash(address)
    values = {"deleted_at": timezone.now()} | ({"for_good": True} if for_good else {})
    Tombstone.objects.update_or_create(email_hash=hashed, defaults=values)


def delete_contacts(contacts: QuerySet[Contact], *, for_good: bool = False) -> int:
    """Delete `contacts` with all that hangs on them, and return how many there were.

    `for_good` is an erasure: not even a newer registration makes a contact of them again.
    """
    pks = list(contacts.values_list("pk", flat=True))
    with transaction.atomic():
        if for_good:
            further = FurtherEmail.objects.filter(contact__in=contacts)
            for address in (
                *contacts.values_list("email", flat=True),
                *further.values_list("email", flat=True),
            ):
                bury(address, for_good=True)
        count = contacts.delete()[1].get(Contact._meta.label, 0)
        forget_names(pks)
        return count


def forget_names(pks: Iterable[int]) -> None:
    """Leave, in the history of changes, that somebody did something to deleted contacts, and
    neither who these were nor what was changed."""
    model = ContentType.objects.get_for_model(Contact)
    entries = LogEntry.objects.filter(content_type=model, object_id__in=[str(pk) for pk in pks])
    entries.update(object_repr=_("a deleted contact"))
    entries.filter(action_flag=CHANGE).update(change_message="")


def _bury_deleted(sender: type[Contact], instance: Contact, **__: Any) -> None:
    bury(instance.email)
    for address in instance.further_emails.values_list("email", flat=True):
        bury(address)


def connect() -> None:
    """Leave a tombstone whichever way a contact is deleted: page, action or shell."""
    pre_delete.connect(_bury_deleted, sender=Contact, dispatch_uid="contacts.bury_deleted")
