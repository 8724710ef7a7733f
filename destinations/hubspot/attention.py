"""What of HubSpot needs a person: people whom it refused, and webinars that it does not take."""

import datetime as dt

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Coalesce

from destinations.hubspot import reasons
from destinations.models import (
    FormSource,
    MarketingEvent,
    Participation,
    Portal,
    WebinarHandover,
)

# What HubSpot will say again until someone does something.
_REFUSALS = (
    "hubspot-form.gone", "hubspot.missing-scope", "hubspot.not-allowed", "hubspot.refused",
)  # fmt: skip
# What goes by itself is told of when it lasts.
_UNREAD = dt.timedelta(minutes=30)


def refused_by_webinar(portal: Portal) -> dict[int, int]:
    """Return how many people HubSpot refused at the webinars that are sent, by the webinar's id."""
    rows = Participation.objects.refused().filter(event__handover__in=_sent_to(portal)).order_by()
    counted = rows.values_list("event__handover__webinar").annotate(Count("contact", distinct=True))
    return dict(counted)


def failing_handovers(portal: Portal) -> QuerySet[WebinarHandover]:
    """Return the webinars of which the last try failed, those that wait longest first."""
    failing = _sent_to(portal).exclude(error_code="").order_by("planned_at", "pk")
    return failing.select_related("webinar")


def undecided_by_webinar(portal: Portal) -> dict[int, int]:
    """Return how many dates of the webinars that are sent wait for a choice among marketing events,
    by the webinar's id."""
    rows = MarketingEvent.objects.filter(
        handover__in=_sent_to(portal), error_code=reasons.CHOICE_NEEDED
    ).order_by()
    return dict(rows.values_list("handover__webinar").annotate(Count("pk")))


def failing_forms(portal: Portal, now: dt.datetime) -> QuerySet[FormSource]:
    """Return the forms that register people and that HubSpot does not let be read, or has not for
    a while. Of a token that is refused the portal itself tells."""
    rows = FormSource.objects.filter(portal=portal, enabled=True).exclude(error_code="")
    rows = rows.exclude(error_code__startswith="hubspot.token")
    unread = rows.annotate(read_at=Coalesce("polled_at", "enabled_at"))
    failing = unread.filter(Q(error_code__in=_REFUSALS) | Q(read_at__lt=now - _UNREAD))
    return failing.select_related("webinar").order_by("pk")


def _sent_to(portal: Portal) -> QuerySet[WebinarHandover]:
    return WebinarHandover.objects.filter(portal=portal, enabled=True)
