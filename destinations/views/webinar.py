"""A webinar's HubSpot tab: how it is there, the preview, and the switch."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from contacts.models import Contact
from core import messages as texts
from core.audit import Action, log_change
from core.flash import flash_result
from core.queue import enqueue
from destinations.hubspot import checks, handover, participation
from destinations.hubspot.event_dates import runs_at_any_time
from destinations.hubspot.status import SENT_AGAIN, counts_of, words_about
from destinations.hubspot.switch import (
    SEND_TASK,
    PreviewNeeded,
    switch_off,
    switch_on,
)
from destinations.models import (
    HubSpotComparison,
    HubSpotPreview,
    Participation,
    WebinarHandover,
)
from destinations.models.check import HubSpotCheck
from destinations.views.events import undecided
from destinations.views.lists import lists_of_webinar
from destinations.views.notes import notes_context
from destinations.views.progress import progress
from destinations.views.rights import PAGE, handover_or_404, may_change, may_see

# As HubSpot counts them (`destinations.hubspot.records.Counts`).
STATES = ("registered", "attended", "cancelled", "no_shows")


@require_GET
@may_see
def page(request: HttpRequest, webinar_id: int) -> HttpResponse:
    """Show how a webinar is in HubSpot, as a worker found it; nothing is asked of HubSpot
    here."""
    row = handover_or_404(webinar_id)
    if row.enabled or row.events.exists():
        checks.refresh(HubSpotComparison, row.portal, row.webinar)
    events = list(row.events.all())
    compared = checks.with_result(HubSpotComparison, row.portal, row.webinar)
    context = {
        "title": row.webinar.subject,
        "subtitle": _("HubSpot"),
        "webinar": row.webinar,
        "handover": row,
        "needs_preview": row.webinar.is_over and row.previewed_at is None,
        "runs_at_any_time": runs_at_any_time(row.webinar),
        "counts": counts_of(row),
        "events": events,
        "undecided": undecided(events),
        "notes": notes_context(row),
        "lists": lists_of_webinar(row),
        "compared": compared,
        **progress(row.portal, row.webinar, HubSpotComparison, HubSpotPreview),
        **_preview(row),
    }
    if compared is not None:
        context |= _comparison(row, compared)
    return TemplateResponse(request, "destinations/webinar.html", context)


def _preview(row: WebinarHandover) -> dict[str, Any]:
    """Return the last preview, until the webinar is sent."""
    made = checks.with_result(HubSpotPreview, row.portal, row.webinar)
    if made is None or (row.enabled and row.enabled_at and made.requested_at < row.enabled_at):
        return {}
    people = _people(made.result["listed"])
    return {
        "preview": made,
        "left_out": people,
        "hidden": made.result["left_out"] - len(made.result["listed"]),
    }


def _comparison(row: WebinarHandover, compared: HubSpotComparison) -> dict[str, Any]:
    """Return the people who differ, as they are called now, with HubSpot's own words."""
    differing = _people(compared.result["differing"])
    words = words_about(row, [contact for contact, *_rest in differing])
    return {
        "there": compared.result["there"] or dict.fromkeys(STATES),
        "differing": [(*item, words.get(item[0], "")) for item in differing],
        "any_again": any(again for _contact, _email, _words, again in differing),
        "by_rule": _people(compared.result["left_out"]),
        "reasons": [
            (texts.text(code, params), count) for code, params, count in compared.result["reasons"]
        ],
        "hidden_people": compared.result["hidden"],
    }


def _people(lines: Sequence[Sequence[Any]]) -> list[tuple[int, str, str, bool]]:
    """Return contact, address, reason, and whether it helps to send it again; who was deleted here
    since is left out."""
    contacts = Contact.objects.filter(pk__in=[line[0] for line in lines])
    emails = dict(contacts.values_list("pk", "email"))
    return [
        (contact, emails[contact], texts.text(code, params), code in SENT_AGAIN)
        for contact, code, params in lines
        if contact in emails
    ]


@require_POST
@may_change
def preview(request: HttpRequest, webinar_id: int) -> HttpResponse:
    """Find out what would be sent of a webinar; nothing is written to HubSpot."""
    message = _("The preview is being prepared. It appears on this page.")
    return _check(request, webinar_id, HubSpotPreview, message)


@require_POST
@may_change
def compare(request: HttpRequest, webinar_id: int) -> HttpResponse:
    """Compare a webinar with HubSpot again."""
    message = _("HubSpot is being asked. This page shows what was found.")
    return _check(request, webinar_id, HubSpotComparison, message)


def _check(
    request: HttpRequest, webinar_id: int, kind: type[HubSpotCheck], message: str
) -> HttpResponse:
    """Have a worker ask HubSpot about a webinar, and redirect to where the result appears."""
    row = handover_or_404(webinar_id)
    flash_result(request, checks.request(kind, row.portal, row.webinar, request.user.pk), message)
    return redirect(PAGE, webinar_id)


@require_POST
@may_change
def switch(request: HttpRequest, webinar_id: int) -> HttpResponse:
    """Send a webinar from now on, or nothing more of it."""
    row = handover_or_404(webinar_id)
    user_id = request.user.pk
    if request.POST.get("on") != "yes":
        switch_off(row)
        log_change(user_id, row.webinar, "audit.hubspot-off")
        messages.success(request, _("This webinar is no longer sent to HubSpot."))
        return redirect(PAGE, webinar_id)
    try:
        switch_on(row, user_id)
    except PreviewNeeded:
        messages.error(request, _("This webinar has ended. Preview what would be sent first."))
    else:
        log_change(user_id, row.webinar, "audit.hubspot-on")
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
        log_change(request.user.pk, row.webinar, "audit.hubspot-again", action=Action.SENT)
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
