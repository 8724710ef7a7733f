"""The admin's front page: is everything level, what is coming up, what needs a hand?"""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from webinars import health
from webinars.models import Connection, Webinar
from webinars.participation import LABELS, Audience, counts_by_webinar

_SHOWN = 6
_BEFORE = (Audience.REGISTERED, Audience.OVERFLOW, Audience.PENDING)
_AFTER = (Audience.REGISTERED, Audience.ATTENDED, Audience.NO_SHOW)


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add what the front page shows to `context`; nothing for who may not see webinars."""
    if not request.user.has_perm("webinars.view_webinar"):
        return context
    now = timezone.now()
    synced = Webinar.objects.filter(sync_enabled=True, state=Webinar.State.SCHEDULED)
    upcoming = list(synced.filter(ends_at__gte=now).order_by("starts_at")[:_SHOWN])
    past = list(synced.filter(ends_at__lt=now).order_by("-ends_at")[:_SHOWN])
    counted = counts_by_webinar(upcoming + past)
    everyone = list(synced.only("pk", "subject", "state", "sync_enabled"))
    runs = health.latest_runs(everyone)
    stands = [(webinar, health.health(webinar, runs.get(webinar.pk), now)) for webinar in everyone]

    def lines(webinars: list[Webinar], audiences: tuple[Audience, ...]) -> list[Any]:
        return [
            (webinar, [(name, LABELS[name], counted[webinar.pk][name]) for name in audiences])
            for webinar in webinars
        ]

    context |= {
        "connections": Connection.objects.count(),
        "signed_out": Connection.objects.filter(state=Connection.State.SIGN_IN_NEEDED),
        "synced": len(everyone),
        "level": sum(item.tone == "success" for _, item in stands),
        "troubled": [(webinar, item) for webinar, item in stands if item.tone == "danger"][:_SHOWN],
        "upcoming": lines(upcoming, _BEFORE),
        "past": lines(past, _AFTER),
    }
    return context
