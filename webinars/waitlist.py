"""The waiting list of a full webinar (rule 6)."""

from django.db.models import Q, QuerySet

from webinars.models import Registration, Webinar
from webinars.models.conditions import IS_PROMOTED, IS_WAITING


def waiting_list(webinar: Webinar) -> QuerySet[Registration]:
    """Return those who wait for a seat, longest first."""
    return webinar.registrations.waiting().order_by("waiting_since", "pk")


def place_of(registration: Registration) -> int:
    """Return the place of a waiting person, from 1."""
    since, pk = registration.waiting_since, registration.pk
    if since is None:
        return 1
    earlier = Q(waiting_since__lt=since) | Q(waiting_since=since, pk__lt=pk)
    return waiting_list(registration.webinar).filter(earlier).count() + 1


def must_queue(registration: Registration) -> bool:
    """Return whether a newcomer has to queue behind others: people wait, and get seats
    automatically."""
    if not registration.webinar.auto_promote or registration.waiting_since is not None:
        return False
    return registration.webinar.registrations.filter(IS_WAITING | IS_PROMOTED).exists()
