"""Decide which webinars are sent: those switched on, and new ones by the portal's default."""

from django.utils import timezone

from core.queue import enqueue
from destinations.models import Portal, WebinarHandover
from webinars.models import Webinar

SEND_TASK = "destinations.tasks.hand_over_webinar"


class PreviewNeeded(Exception):
    """A past webinar is sent only after someone has seen a preview."""


def handover_of(portal: Portal, webinar: Webinar) -> WebinarHandover:
    """Return the row of a webinar; a new one is off."""
    return WebinarHandover.objects.get_or_create(portal=portal, webinar=webinar)[0]


def switch_on(handover: WebinarHandover, user_id: int | None = None) -> None:
    """Send a webinar from now on. Raises PreviewNeeded for a past one without a preview."""
    if handover.webinar.is_over and handover.previewed_at is None:
        raise PreviewNeeded
    if handover.enabled:
        return
    handover.enabled, handover.enabled_at = True, timezone.now()
    handover.enabled_by_id = user_id
    handover.planned_at = None
    handover.save(update_fields=["enabled", "enabled_at", "enabled_by", "planned_at"])
    enqueue(SEND_TASK, handover.pk)


def switch_off(handover: WebinarHandover) -> None:
    """Stop sending a webinar; what HubSpot has stays there."""
    handover.enabled = False
    handover.save(update_fields=["enabled"])


def decide_new_webinars(portal: Portal) -> int:
    """Create the missing rows of webinars, and return how many.

    A new webinar is switched on if the portal sends new webinars and it appeared after the portal
    was connected and is still upcoming.
    """
    new = list(Webinar.objects.exclude(handovers__portal=portal).order_by("pk"))
    now = timezone.now()
    rows = []
    for webinar in new:
        enabled = (
            portal.send_new_webinars
            and webinar.first_seen_at >= portal.connected_at
            and webinar.is_to_come
        )
        rows.append(
            WebinarHandover(
                portal=portal,
                webinar=webinar,
                enabled=enabled,
                enabled_at=now if enabled else None,
            )
        )
    WebinarHandover.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    return len(rows)
