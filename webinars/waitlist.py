"""The waiting list of a full webinar (rule 6)."""

from dataclasses import dataclass

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


def has_queue(webinar: Webinar) -> bool:
    """Return whether newcomers belong behind others: people wait, and come in by themselves."""
    return webinar.auto_promote and webinar.registrations.filter(IS_WAITING | IS_PROMOTED).exists()


def must_queue(registration: Registration) -> bool:
    """Return whether a newcomer belongs behind others."""
    return registration.waiting_since is None and has_queue(registration.webinar)


def leads_to_waiting_list(webinar: Webinar) -> bool:
    """Return whether who registers now will have to wait, as far as is known here."""
    return webinar.free_seats == 0 or has_queue(webinar)


@dataclass(frozen=True, slots=True)
class NextInLine:
    """How many people wait, and how many of them there is room for; `seats` is None where that is
    not known, or where there is no limit. People who are being sent count as seated."""

    waiting: int
    seats: int | None

    @property
    def count(self) -> int:
        """Return how many people can be registered next."""
        return self.waiting if self.seats is None else min(self.waiting, self.seats)


def next_in_line(webinar: Webinar) -> NextInLine:
    """Return how many people of the waiting list have a seat, by the seats that were read last."""
    seats = webinar.free_seats
    if seats is not None:
        seats = max(0, seats - webinar.registrations.pending().count())
    return NextInLine(waiting_list(webinar).count(), seats)
