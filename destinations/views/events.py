"""Marketing events that others made for a webinar's dates: which is used."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.audit import log_change
from core.queue import enqueue
from destinations.hubspot.other_events import create_own, use_existing
from destinations.hubspot.switch import SEND_TASK
from destinations.models import MarketingEvent
from destinations.views.rights import PAGE, handover_or_404, may_change


def undecided(events: Iterable[MarketingEvent]) -> list[tuple[MarketingEvent, list[Any]]]:
    """Return the dates that wait for a choice, each with the events of others, as
    `destinations/events.html` takes them."""
    return [
        (event, [_with_time(row) for row in event.other_events])
        for event in events
        if event.awaits_choice
    ]


def _with_time(row: dict[str, Any]) -> dict[str, Any]:
    text = row["starts_at"]
    return row | {"starts_at": dt.datetime.fromisoformat(text) if text else None}


@require_POST
@may_change
def choose(request: HttpRequest, webinar_id: int) -> HttpResponse:
    """Use an event that HubSpot has for a date, or create one of our own beside it."""
    row = handover_or_404(webinar_id)
    chosen = request.POST.get("event", "")
    event = get_object_or_404(row.events, pk=int(chosen) if chosen.isdecimal() else 0)
    object_id = request.POST.get("use", "")
    if object_id == MarketingEvent.Choice.OWN:
        done, note = create_own(event), "audit.hubspot-own-event"
    else:
        done, note = use_existing(event, object_id), "audit.hubspot-event-used"
    if done:
        enqueue(SEND_TASK, row.pk)
        log_change(request.user.pk, row.webinar, note)
        messages.success(request, _("Your choice is saved."))
    else:
        messages.error(request, _("This marketing event cannot be chosen any more."))
    return redirect(PAGE, webinar_id)
