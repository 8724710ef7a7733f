"""Which webinars are handed over: those switched on, and new ones by the portal's default."""

from django.utils import timezone

from core.queue import enqueue
from destinations.models import Portal, WebinarHandover
from webinars.models import Webinar

SEND_TASK = "destinations.tasks.hand_over_webinar"


class PreviewNeeded(Exception):
    """A past webinar is handed over only after someone has seen what would be."""


def handover_of(portal: Portal, webinar: Webinar) -> WebinarHandover:
    """Return the row of a webinar; made now, it is switched off."""
    return WebinarHandover.objects.get_or_create(portal=portal, webinar=webinar)[0]


def switch_on(handover: WebinarHandover, user_id: int | None = None) -> None:
    """Hand a webinar over from now on, beginning at once. Raises PreviewNeeded for a past one that
    no one has previewed."""
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
    """Hand nothing of a webinar over any more; what HubSpot has stays there."""
    handover.enabled = False
    handover.save(update_fields=["enabled"])


def decide_new_webinars(portal: Portal) -> int:
    """Give each webinar without a row one, and return how many that were.

    It is switched on where the portal sends new webinars and this one appeared after the portal was
    connected and is still to come.
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
