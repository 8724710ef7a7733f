"""The audience page of a webinar, and its export."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from contacts.opt_outs import has_opted_out
from contacts.resources import yes_or_no
from core.audit import note_export
from core.csv_export import csv_file
from core.permissions import permitted
from webinars.audiences import LABELS, Audience, counts, members
from webinars.filters import AudienceFilter
from webinars.models import Registration, Webinar
from webinars.models.registration import minutes

PAGE = 50


@require_GET
@permitted("webinars.view_registration")
def audience(request: HttpRequest, webinar_id: int, name: str) -> HttpResponse:
    """Show who is in an audience, filtered, sorted and paged."""
    webinar, chosen = _asked_for(webinar_id, name)
    filtered = _filtered(request, webinar, chosen)
    page = Paginator(filtered.qs, PAGE).get_page(request.GET.get("page"))
    counted = counts(webinar.registrations.all())
    query = request.GET.copy()
    query.pop("page", None)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": webinar.subject,
        "webinar": webinar,
        "chosen": chosen,
        "label": LABELS[chosen],
        "tabs": [(item, LABELS[item], counted[item]) for item in Audience],
        "filter": filtered,
        "filtering": any(
            value for name, value in request.GET.items() if name in AudienceFilter.base_filters
        ),
        "columns": _columns(request),
        "page": page,
        "query": query.urlencode(),
    }
    return TemplateResponse(request, "webinars/audience.html", context)


def _columns(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the table's headings, each with what sorts by it, the other way at a second time."""
    now = request.GET.get("sort", "")
    headings: list[dict[str, Any]] = []
    for name, label in (
        ("name", _("Name")),
        ("email", _("E-mail")),
        ("organization", _("Organization")),
        ("country", _("Country")),
        ("registered", _("Registered")),
        ("", _("State")),
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


_OF_CONTACT = ("email", "first_name", "last_name", "organization", "job_title", "country")


@require_GET
@permitted("webinars.view_registration")
def export(request: HttpRequest, webinar_id: int, name: str) -> StreamingHttpResponse:
    """Send exactly what is filtered as CSV, line by line."""
    webinar, chosen = _asked_for(webinar_id, name)
    headings = [
        _("E-mail"),
        _("First name"),
        _("Last name"),
        _("Organization"),
        _("Job title"),
        _("Country"),
        _("Registered"),
        _("State"),
        _("Minutes attended"),
        _("Unsubscribed"),
    ]
    rows = _rows(_filtered(request, webinar, chosen).qs)
    note_export(request, webinar, _("Exported: %(what)s.") % {"what": LABELS[chosen]})
    return csv_file(f"{webinar.slug}-{chosen}.csv", headings, rows)


def _asked_for(webinar_id: int, name: str) -> tuple[Webinar, Audience]:
    webinar = get_object_or_404(Webinar, pk=webinar_id)
    try:
        return webinar, Audience(name)
    except ValueError:
        raise Http404(_("There is no such audience.")) from None


def _filtered(request: HttpRequest, webinar: Webinar, chosen: Audience) -> AudienceFilter:
    people = members(webinar, chosen).select_related("contact").order_by("-registered_at", "-pk")
    return AudienceFilter(request.GET, queryset=people)


def _rows(people: QuerySet[Registration]) -> Iterator[tuple[object, ...]]:
    # Plain rows, and each label said once: of a hundred thousand people it is felt.
    labels = {state.value: str(state.label) for state in Registration.State}
    columns = [f"contact__{name}" for name in _OF_CONTACT]
    rows = people.annotate(opted_out=has_opted_out("contact")).values_list(
        *columns, "registered_at", "state", "seconds_attended", "opted_out"
    )
    for *of_contact, registered_at, state, seconds, unsubscribed in rows.iterator(chunk_size=2000):
        yield (
            *of_contact,
            registered_at.isoformat(),
            labels[state],
            minutes(seconds),
            yes_or_no(unsubscribed),
        )
