"""The page of a webinar's audience, and its export."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from contacts.export_columns import ContactLinks
from core.audit import log_export
from core.permissions import permitted
from core.table_export import FileKind, table_file
from webinars.audiences import LABELS, Audience, counts, members
from webinars.export_columns import AudienceFile
from webinars.filters import AudienceFilter
from webinars.models import Webinar
from webinars.statuses import with_status

PAGE = 50


@require_GET
@permitted("webinars.view_registration")
def audience(request: HttpRequest, webinar_id: int, name: str) -> HttpResponse:
    """Show an audience, filtered, sorted and paged."""
    webinar, chosen = _asked_for(webinar_id, name)
    filtered = _filtered(request, webinar, chosen)
    page = Paginator(with_status(filtered.qs), PAGE).get_page(request.GET.get("page"))
    counted = counts(webinar.registrations.all())
    # The header shows them too.
    vars(webinar)["counts"] = counted
    query = request.GET.copy()
    query.pop("page", None)
    context: dict[str, Any] = {
        "title": webinar.subject,
        "subtitle": LABELS[chosen],
        "webinar": webinar,
        "chosen": chosen,
        "label": LABELS[chosen],
        "tabs": [
            (item, LABELS[item], counted[item])
            for item in Audience
            if item in (chosen, Audience.REGISTERED) or _is_informative(item, counted)
        ],
        "filter": filtered,
        "filtering": any(
            value for name, value in request.GET.items() if name in AudienceFilter.base_filters
        ),
        "columns": _columns(request),
        "speakers": webinar.speakers.all() if chosen == Audience.INTERNAL else (),
        "page": page,
        "query": query.urlencode(),
    }
    return TemplateResponse(request, "webinars/audience.html", context)


def _is_informative(audience: Audience, counted: dict[Audience, int]) -> bool:
    """Return whether `audience` has people, and not the same ones as another."""
    if audience == Audience.NO_SHOW_NOT_CANCELLED:
        return counted[audience] != counted[Audience.NO_SHOW]
    return bool(counted[audience])


def _columns(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the headings of the table with their links for sorting."""
    now = request.GET.get("sort", "")
    headings: list[dict[str, Any]] = []
    for name, label in (
        ("name", _("Name")),
        ("email", _("Email")),
        ("organization", _("Organization")),
        ("country", _("Country")),
        ("registered", _("Registered")),
        ("", _("Status")),
        ("minutes", _("Minutes")),
    ):
        query = request.GET.copy()
        query.pop("page", None)
        query["sort"] = f"-{name}" if now == name else name
        sorted_by = {name: "ascending", f"-{name}": "descending"}.get(now, "") if name else ""
        headings.append(
            {"name": name, "label": label, "query": query.urlencode(), "sorted": sorted_by}
        )
    return headings


@require_GET
@permitted("webinars.view_registration")
def export(request: HttpRequest, webinar_id: int, name: str, kind: FileKind) -> HttpResponseBase:
    """Export the filtered people as a file, or redirect to the page with the errors."""
    webinar, chosen = _asked_for(webinar_id, name)
    filtered = _filtered(request, webinar, chosen)
    if filtered.unreadable_reason:
        page = reverse("webinars:audience", args=[webinar.pk, chosen.value])
        return redirect(f"{page}?{request.GET.urlencode()}")
    people = filtered.qs
    file = AudienceFile(webinar, ContactLinks(request.build_absolute_uri("/")))
    # The count is filled in later.
    message = _("Exported: %(what)s (%(count)s).") % {"what": LABELS[chosen], "count": "%(count)d"}
    log_export(request, webinar, message, count=people.count(), filters=filtered.parameters())
    return table_file(kind, f"{webinar.slug}-{chosen}", file.headings, file.rows(people))


def _asked_for(webinar_id: int, name: str) -> tuple[Webinar, Audience]:
    webinar = get_object_or_404(Webinar, pk=webinar_id)
    try:
        return webinar, Audience(name)
    except ValueError:
        raise Http404(_("Unknown audience.")) from None


def _filtered(request: HttpRequest, webinar: Webinar, chosen: Audience) -> AudienceFilter:
    people = members(webinar, chosen).select_related("contact").order_by("-registered_at", "-pk")
    return AudienceFilter(request.GET, queryset=people)
