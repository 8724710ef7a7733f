"""What of HubSpot needs a person: people whom it refused, and webinars that it does not take."""

from dataclasses import dataclass

from django.db.models import Count

from destinations.models import Participation, Portal, WebinarHandover


@dataclass(frozen=True, slots=True)
class Troubles:
    """What a person has to look at in a portal."""

    # How many people were refused, by the id of the webinar.
    refused: dict[int, int]
    # Webinars of which the last try failed, those that wait longest first.
    failing: list[WebinarHandover]


def troubles_of(portal: Portal) -> Troubles:
    """Return who was refused at the webinars that are sent to `portal`, and which of these fail."""
    handovers = WebinarHandover.objects.filter(portal=portal, enabled=True)
    refused = (
        Participation.objects.refused()
        .filter(event__handover__in=handovers)
        .order_by()
        .values_list("event__handover__webinar")
        .annotate(Count("contact", distinct=True))
    )
    failing = (
        handovers.exclude(error_code="").select_related("webinar").order_by("planned_at", "pk")
    )
    return Troubles(dict(refused), list(failing))
