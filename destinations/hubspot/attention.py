"""What of HubSpot needs a person: people whom it refused, and webinars that it does not take."""

from django.db.models import Count, QuerySet

from destinations.models import Participation, Portal, WebinarHandover


def refused_by_webinar(portal: Portal) -> dict[int, int]:
    """Return how many people HubSpot refused at the webinars that are sent, by the webinar's id."""
    rows = Participation.objects.refused().filter(event__handover__in=_sent_to(portal)).order_by()
    counted = rows.values_list("event__handover__webinar").annotate(Count("contact", distinct=True))
    return dict(counted)


def failing_handovers(portal: Portal) -> QuerySet[WebinarHandover]:
    """Return the webinars of which the last try failed, those that wait longest first."""
    failing = _sent_to(portal).exclude(error_code="").order_by("planned_at", "pk")
    return failing.select_related("webinar")


def _sent_to(portal: Portal) -> QuerySet[WebinarHandover]:
    return WebinarHandover.objects.filter(portal=portal, enabled=True)
