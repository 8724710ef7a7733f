"""Forgetting people of whom nothing was heard for long, where an installation says so."""

import datetime as dt

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from contacts.deletion import delete_contacts
from contacts.models import Activity, Contact
from webinars.models import Registration

_CHUNK = 500


def limit(now: dt.datetime) -> dt.datetime | None:
    """Return the moment before which nothing is kept that is not touched since; None: all is."""
    days = settings.KEEP_PEOPLE_DAYS
    return now - dt.timedelta(days=days) if days > 0 else None


def outdated(now: dt.datetime) -> QuerySet[Contact]:
    """Return the contacts who are forgotten next, the oldest first.

    Made before the limit, with no line in the timeline, no change by a person and no webinar that
    they are registered for since then. Nobody where no limit is set.
    """
    before = limit(now)
    if before is None:
        return Contact.objects.none()
    heard = Activity.objects.filter(contact=OuterRef("pk"), happened_at__gte=before)
    expected = Registration.objects.filter(contact=OuterRef("pk"), webinar__ends_at__gte=before)
    return (
        Contact.objects.filter(created_at__lt=before, updated_at__lt=before)
        .exclude(Exists(heard))
        .exclude(Exists(expected))
        .order_by("created_at", "pk")
    )


def forget(now: dt.datetime) -> int:
    """Delete who is outdated, as a person would (rule 5), and return how many that were."""
    count = 0
    while pks := list(outdated(now).values_list("pk", flat=True)[:_CHUNK]):
        count += delete_contacts(Contact.objects.filter(pk__in=pks))
    return count
