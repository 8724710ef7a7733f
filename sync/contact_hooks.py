"""What goes with a deleted contact beyond its own rows (rule 5 of docs/architecture.md)."""

from typing import Any

from django.db.models.signals import pre_delete

from contacts.models import Contact
from sync.models import ComparisonDifference


def _forget(sender: type[Contact], instance: Contact, **_: Any) -> None:
    """Take name and e-mail out of comparisons made when only GoToWebinar knew the person."""
    further = instance.further_emails.values_list("email_key", flat=True)
    keys = [key for key in (instance.email_key, *further) if key]
    rows = ComparisonDifference.objects.filter(email_key__in=keys)
    rows.update(email="", email_key="", name="")


def connect() -> None:
    """Forget whichever way a contact is deleted: page, action or shell."""
    pre_delete.connect(_forget, sender=Contact, dispatch_uid="sync.forget_deleted")
