"""The waiting list of a webinar."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from core.flash import flash_result
from core.permissions import permitted
from sync.queue import queue_promotion
from webinars.models import Webinar
from webinars.waitlist import NextInLine, next_in_line, waiting_list

PAGE = 100


@require_GET
@permitted("webinars.view_registration")
def waiting(request: HttpRequest, webinar_id: int) -> HttpResponse:
    """Show who waits for a seat, longest first, and the number of seats."""
    webinar = get_object_or_404(Webinar, pk=webinar_id)
    people = waiting_list(webinar).select_related("contact")
    page = Paginator(people, PAGE).get_page(request.GET.get("page"))
    on_the_way = webinar.registrations.promoted().count()
    line = next_in_line(webinar)
    context = {
        "title": webinar.subject,
        "subtitle": _("Waiting list"),
        "webinar": webinar,
        "page": page,
        "on_the_way": on_the_way,
        "next": line,
        "why_not": _why_nobody(webinar, line),
    }
    return TemplateResponse(request, "sync/waitlist.html", context)


def _why_nobody(webinar: Webinar, line: NextInLine) -> str:
    """Return why nobody of the waiting list can be registered now; "" where somebody can."""
    if not line.waiting:
        return _("No one is waiting.")
    if line.count:
        return ""
    if webinar.free_seats:
        return _("The free seats go to people who are being registered right now.")
    return _("No seat is free.")


@require_POST
@permitted("webinars.change_webinar")
def promote(request: HttpRequest, webinar_id: int) -> HttpResponse:
    """Queue a check for free seats, which are assigned to the waiting list."""
    webinar = get_object_or_404(Webinar, pk=webinar_id)
    message = _(
        "GoToWebinar is being asked for free seats; those who have waited longest get them. "
        "Reload this page in a moment."
    )
    flash_result(request, queue_promotion(webinar), message)
    return redirect("sync:waiting", webinar_id)


@require_POST
@permitted("webinars.change_webinar")
def auto_promote(request: HttpRequest, webinar_id: int) -> HttpResponse:
    """Switch the automatic assignment of free seats on or off."""
    webinar = get_object_or_404(Webinar, pk=webinar_id)
    webinar.auto_promote = request.POST.get("on") == "yes"
    webinar.save(update_fields=["auto_promote"])
    if webinar.auto_promote:
        queue_promotion(webinar)
        message = _("From now on, free seats go to the waiting list automatically.")
    else:
        message = _("From now on, free seats are not assigned automatically.")
    messages.success(request, message)
    return redirect("sync:waiting", webinar_id)
