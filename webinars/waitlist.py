"""The waiting list of a full webinar: who waits, and at which place (rule 6)."""

from django.db.models import Q, QuerySet

from webinars.models import Registration, Webinar

State = Registration.State


def waiting_list(webinar: Webinar) -> QuerySet[Registration]:
    """Return those who wait for a seat, longest first."""
    return webinar.registrations.filter(state=State.OVERFLOW).order_by("waiting_since", "pk")


def place_of(registration: Registration) -> int:
    """Return the place of a waiting person, from 1."""
    since, pk = registration.waiting_since, registration.pk
    if since is None:
        return 1
    earlier = Q(waiting_since__lt=since) | Q(waiting_since=since, pk__lt=pk)
    return waiting_list(registration.webinar).filter(earlier).count() + 1


def must_queue(registration: Registration) -> bool:
    """Tell whether a newcomer belongs behind others: people wait, and come in by themselves."""
    if not registration.webinar.auto_promote or registration.waiting_since is not None:
        return False
    waits = Q(state=State.OVERFLOW) | Q(state=State.PENDING, waiting_since__isnull=False)
    return registration.webinar.registrations.filter(waits).exists()
