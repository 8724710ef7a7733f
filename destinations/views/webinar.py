"""A webinar's HubSpot tab: how it is there, the preview, and the switch."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from core import messages as texts
from core.audit import log_change
from core.queue import enqueue
from core.rate_limit.database import Priority
from destinations.error_messages import sentence
from destinations.hubspot import access, handover, participation
from destinations.hubspot.errors import HubSpotError
from destinations.hubspot.event_dates import runs_at_any_time
from destinations.hubspot.preview import preview as previewed
from destinations.hubspot.status import Difference, Status, counts_of, hubspot_counts, status_of
from destinations.hubspot.switch import (
    SEND_TASK,
    PreviewNeeded,
    switch_off,
    switch_on,
)
from destinations.models import Participation, WebinarHandover
from destinations.views.lists import lists_of_webinar
from destinations.views.notes import notes_context
from destinations.views.rights import PAGE, handover_or_404, may_change, may_see

# So many people are listed; the command lists all.
_LISTED = 500


@require_GET
@may_see
def page(request: HttpRequest, webinar_id: int) -> HttpResponse:
    """Compare a webinar with HubSpot."""
    return _page(request, handover_or_404(webinar_id), {})


@require_POST
@may_change
def preview(request: HttpRequest, webinar_id: int) -> HttpResponse:
    """Show what would be sent of a webinar; nothing is written to HubSpot."""
    row = handover_or_404(webinar_id)
    try:
        made = previewed(access.client_for(row.portal, Priority.INTERACTIVE), row)
    except HubSpotError as error:
        messages.error(request, sentence(error))
        return redirect(PAGE, webinar_id)
    rows = [(email, texts.text(code, params)) for email, code, params in made.left_out]
    context = {"preview": made, "left_out": rows[:_LISTED], "hidden": len(rows[_LISTED:])}
    return _page(request, row, context)


@require_POST
@may_change
def switch(request: HttpRequest, webinar_id: int) -> HttpResponse:
    """Send a webinar from now on, or nothing more of it."""
    row = handover_or_404(webinar_id)
    user_id = request.user.pk
    if request.POST.get("on") != "yes":
        switch_off(row)
        log_change(user_id, row.webinar, _("Send to HubSpot: off"))
        messages.success(request, _("This webinar is no longer sent to HubSpot."))
        return redirect(PAGE, webinar_id)
    try:
        switch_on(row, user_id)
    except PreviewNeeded:
        messages.error(request, _("This webinar has ended. Preview what would be sent first."))
    else:
        log_change(user_id, row.webinar, _("Send to HubSpot: on"))
        messages.success(request, _("This webinar is being sent to HubSpot."))
    return redirect(PAGE, webinar_id)


@require_POST
@may_change
def send_again(request: HttpRequest, webinar_id: int) -> HttpResponse:
    """Send again what HubSpot refused or never showed: of one contact, or of all."""
    row = handover_or_404(webinar_id)
    chosen = request.POST.get("contact", "")
    rows = Participation.objects.of(row)
    if chosen:
        rows = rows.filter(contact=int(chosen)) if chosen.isdecimal() else rows.none()
    count = _send_again(row, rows)
    if count:
        log_change(request.user.pk, row.webinar, _("Sent to HubSpot again"))
        messages.success(request, _("Sending to HubSpot again."))
    else:
        messages.info(request, _("There is nothing to send again."))
    return redirect(PAGE, webinar_id)


def _send_again(row: WebinarHandover, rows: QuerySet[Participation]) -> int:
    count = handover.try_contacts_again(row.portal, rows) + participation.send_again(rows)
    if count:
        handover.try_again(row)
        enqueue(SEND_TASK, row.pk)
    return count


def _page(request: HttpRequest, row: WebinarHandover, more: dict[str, Any]) -> HttpResponse:
    status = status_of(row) if row.enabled or row.events.exists() else Status()
    context = {
        "title": row.webinar.subject,
        "subtitle": _("HubSpot"),
        "webinar": row.webinar,
        "handover": row,
        "needs_preview": row.webinar.is_over and row.previewed_at is None,
        "status": status,
        "runs_at_any_time": runs_at_any_time(row.webinar),
        "counts": counts_of(row),
        "differing": [_line(item) for item in (*status.differing, *status.corrected)][:_LISTED],
        "by_rule": [_line(item) for item in status.left_out][:_LISTED],
        "events": list(row.events.all()),
        "notes": notes_context(row),
        "lists": lists_of_webinar(row),
        **_there(row),
        **more,
    }
    return TemplateResponse(request, "destinations/webinar.html", context)


def _line(item: Difference) -> tuple[int, str, str, str]:
    return item.contact_id, item.email, texts.text(item.code, item.params), item.hubspot_message


def _there(row: WebinarHandover) -> dict[str, Any]:
    """Return how many are in each state in HubSpot, or why that is not known."""
    events = [event for event in row.events.all() if event.object_id]
    if not events:
        return {}
    try:
        client = access.client_for(row.portal, Priority.INTERACTIVE)
        return {"there": hubspot_counts(client, events)}
    except HubSpotError as error:
        return {"not_compared": sentence(error)}
