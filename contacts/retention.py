"""Forgetting people of whom nothing was heard for long, where an installation says so."""

import datetime as dt

from django.conf import settings
from django.db.models import Q, QuerySet

from contacts import contact_hooks
from contacts.deletion import delete_contacts
from contacts.models import Contact

_CHUNK = 500


def limit(now: dt.datetime) -> dt.datetime | None:
    """Return the moment before which nothing is kept of whom nothing was heard since; None: all
    is."""
    days = settings.KEEP_PEOPLE_DAYS
    return now - dt.timedelta(days=days) if days > 0 else None


def outdated(now: dt.datetime) -> QuerySet[Contact]:
    """Return the contacts who are forgotten next, the oldest first.

    They came before the limit, and no app has heard of them since: what they do themselves counts,
    our own emails and changes do not. No one where no limit is set.
    """
    before = limit(now)
    if before is None:
        return Contact.objects.none()
    heard = Q()
    for condition in contact_hooks.heard_since(before):
        heard |= Q(condition)
    return Contact.objects.filter(~heard, created_at__lt=before).order_by("created_at", "pk")


def forget(now: dt.datetime) -> int:
    """Delete who is outdated, as a person would (rule 5), and return how many that were."""
    count = 0
    while pks := list(outdated(now).values_list("pk", flat=True)[:_CHUNK]):
        count += delete_contacts(Contact.objects.filter(pk__in=pks))
    return count
