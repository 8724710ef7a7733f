"""The notes of a webinar's HubSpot tab."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.audit import log_change
from core.queue import enqueue
from destinations.hubspot import handover, notes
from destinations.hubspot.switch import SEND_TASK
from destinations.models import Participation, WebinarHandover
from destinations.views.rights import PAGE, handover_or_404, may_change

# How many people are listed.
_LISTED = 500


def notes_context(row: WebinarHandover) -> dict[str, Any]:
    """Return the context of a webinar's notes for `destinations/notes.html`."""
    counts = notes.counts_of_notes(row)
    return {
        "shown": row.portal.send_notes or any(counts.values()),
        "counts": counts,
        "missing": counts["refused"] + counts["left_out"],
        "rows": notes.not_taken(row, _LISTED),
    }


@require_POST
@may_change
def write_again(request: HttpRequest, webinar_id: int) -> HttpResponse:
    """Write refused notes again: of one contact, or of all."""
    row = handover_or_404(webinar_id)
    chosen = request.POST.get("contact", "")
    if chosen and not chosen.isdecimal():
        return redirect(PAGE, webinar_id)
    people = Participation.objects.of(row)
    if chosen:
        people = people.filter(contact=int(chosen))
    count = notes.write_again(row, int(chosen) if chosen else None)
    if count:
        handover.try_contacts_again(row.portal, people)
        handover.try_again(row)
        enqueue(SEND_TASK, row.pk)
        log_change(request.user.pk, row.webinar, "audit.hubspot-notes-again")
        messages.success(request, _("Writing to HubSpot again."))
    else:
        messages.info(request, _("There is nothing to write again."))
    return redirect(PAGE, webinar_id)
