"""Delete contacts without recent activity, if the installation sets a limit."""

import datetime as dt

from django.conf import settings
from django.db.models import Q, QuerySet

from contacts import contact_hooks
from contacts.deletion import delete_contacts
from contacts.models import Contact

_CHUNK = 500


def limit(now: dt.datetime) -> dt.datetime | None:
    """Return the moment of the limit: contacts without activity since then are deleted; None
    without a limit."""
    days = settings.KEEP_PEOPLE_DAYS
    return now - dt.timedelta(days=days) if days > 0 else None


def outdated(now: dt.datetime) -> QuerySet[Contact]:
    """Return the contacts that are deleted next, the oldest first.

    They were created before the limit, and no app knows of activity since: what people do counts,
    our own emails and changes do not. Empty without a limit.
    """
    before = limit(now)
    if before is None:
        return Contact.objects.none()
    heard = Q()
    for condition in contact_hooks.heard_since(before):
        heard |= Q(condition)
    return Contact.objects.filter(~heard, created_at__lt=before).order_by("created_at", "pk")


def forget(now: dt.datetime) -> int:
    """Delete outdated contacts as a user would (rule 5), and return how many."""
    count = 0
    while pks := list(outdated(now).values_list("pk", flat=True)[:_CHUNK]):
        count += delete_contacts(Contact.objects.filter(pk__in=pks))
    return count
