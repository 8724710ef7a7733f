"""The lists in HubSpot of a webinar's tab and of a segment's page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from core import messages as texts
from core.audit import log_change
from core.permissions import permitted
from destinations.hubspot import list_switch, reasons
from destinations.models import ContactList, HubSpotContact, ListMember, Portal, WebinarHandover
from destinations.views.rights import PAGE, handover_or_404, may_change
from segments.models import Segment
from webinars.models import Webinar

may_see_segment = permitted("destinations.view_portal", "contacts.view_contact")
may_change_segment = permitted(
    "destinations.view_portal", "contacts.view_contact", "segments.change_segment"
)
SEGMENT_PAGE = "destinations:segment_in_hubspot"
# How many people who are not in HubSpot are named.
_NAMED = 100
_DONE = {
    "on": gettext_lazy("The list is being created in HubSpot."),
    "off": gettext_lazy("The list is no longer updated. It stays in HubSpot as it is."),
    "existing": gettext_lazy("The existing list is used. Its members stay."),
    "numbered": gettext_lazy("A list with a number is being created in HubSpot."),
}


@dataclass(frozen=True, slots=True)
class ListLine:
    """A list for the page; `row` is None if there never was one. `absent` are address, contact and
    reason of people who are not in HubSpot."""

    audience: str
    label: Any
    row: ContactList | None
    count: int = 0
    absent: Sequence[tuple[str, int, str]] = ()
    more: int = 0


def lists_of_webinar(handover: WebinarHandover) -> list[ListLine]:
    """Return the lists that a webinar's audiences have, or can have."""
    rows = {
        row.audience: row
        for row in ContactList.objects.filter(portal=handover.portal, webinar=handover.webinar)
    }
    return [
        _line(audience.value, label, rows.get(audience.value))
        for audience, label in list_switch.AUDIENCES.items()
    ]


def _line(audience: str, label: Any, row: ContactList | None) -> ListLine:
    if row is None:
        return ListLine(audience, label, None)
    absent = row.members.absent().exclude(contact=None)
    return ListLine(
        audience,
        label,
        row,
        row.members.present().count(),
        _named(row, list(absent.select_related("contact").order_by("contact__email")[:_NAMED])),
        max(0, absent.count() - _NAMED),
    )


def _named(row: ContactList, absent: Sequence[ListMember]) -> list[tuple[str, int, str]]:
    contacts = [each.contact for each in absent if each.contact is not None]
    known = {
        item.contact_id: item.reason
        for item in HubSpotContact.objects.filter(portal=row.portal, contact__in=contacts)
    }
    missing = texts.text(reasons.NOT_IN_HUBSPOT)
    return [(each.email, each.pk, known.get(each.pk) or missing) for each in contacts]


@require_POST
@may_change
def switch_for_webinar(request: HttpRequest, webinar_id: int) -> HttpResponse:
    """Create a list for an audience of a webinar, stop updating it, or settle its name."""
    handover = handover_or_404(webinar_id)
    audience = request.POST.get("audience", "")
    if audience not in {each.value for each in list_switch.AUDIENCES}:
        raise Http404
    _switch(request, handover.portal, handover.webinar, audience)
    return redirect(PAGE, webinar_id)


@require_GET
@may_see_segment
def segment_page(request: HttpRequest, segment_id: int) -> HttpResponse:
    """Show the list of a segment."""
    portal, segment = _segment(segment_id)
    row = ContactList.objects.filter(portal=portal, segment=segment).first()
    context = {
        "title": _("List in HubSpot: %(segment)s") % {"segment": segment},
        "segment": segment,
        "lists": [_line("", segment.name, row)],
    }
    return TemplateResponse(request, "destinations/segment.html", context)


@require_POST
@may_change_segment
def switch_for_segment(request: HttpRequest, segment_id: int) -> HttpResponse:
    """Create a list for a segment, stop updating it, or settle its name."""
    portal, segment = _segment(segment_id)
    _switch(request, portal, segment, "")
    return redirect(SEGMENT_PAGE, segment_id)


def _segment(segment_id: int) -> tuple[Portal, Segment]:
    portal = Portal.objects.joined().first()
    if portal is None:
        raise Http404
    return portal, get_object_or_404(Segment, pk=segment_id)


def _switch(request: HttpRequest, portal: Portal, whose: Webinar | Segment, audience: str) -> None:
    action = request.POST.get("action", "")
    if action not in _DONE:
        raise Http404
    if action == "on":
        row = list_switch.switch_on(portal, whose, audience, request.user.pk)
    else:
        rows = ContactList.objects.filter(portal=portal, audience=audience)
        by = {"webinar": whose} if isinstance(whose, Webinar) else {"segment": whose}
        row = get_object_or_404(rows, **by)
        if action == "off":
            list_switch.switch_off(row)
        elif action == "numbered":
            list_switch.use_numbered_name(row)
        elif not _use_existing(request, row):
            return
    params = {"name": row.name, "state": texts.part(f"audit.hubspot-list-{row.state}")}
    log_change(request.user.pk, whose, "audit.hubspot-list", params)
    messages.success(request, str(_DONE[action]))


def _use_existing(request: HttpRequest, row: ContactList) -> bool:
    try:
        list_switch.use_existing(row)
    except list_switch.NotChangeable:
        messages.error(request, texts.text(reasons.LIST_NOT_CHANGEABLE))
        return False
    return True
