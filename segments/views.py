"""Pages to search for contacts by their activity, and to save searches as segments."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from contacts.list_settings import apply_settings
from contacts.models import Contact
from contacts.people_actions import BarAction, bar_actions, run_action
from core.audit import Action, log_change
from core.filter_chips import without
from core.permissions import permitted
from core.table_export import FileKind
from segments.export import contacts_file, list_file
from segments.filters import ContactFilter
from segments.models import Segment
from segments.panels import found_links, segment_links
from segments.people_table import FOUND_LIST, FoundTable
from segments.service import conditions, counted, found_by

# Each segment is counted when the page is requested.
_SEGMENTS = 10
# The query parameter that opens the form of conditions above the people found.
_REFINE = "refine"
may_see = permitted("contacts.view_contact")


class NameForm(forms.ModelForm[Segment]):
    """The name of a segment."""

    class Meta:
        model = Segment
        fields = ["name"]


@require_http_methods(["GET", "POST"])
@may_see
def find(request: HttpRequest) -> HttpResponseBase:
    """Show the contacts that match the query, in pages, or run an action on those selected."""
    query = conditions(request.GET)
    filtered = found_by(request.GET)
    actions = bar_actions(request, _FILES, lambda people: people)
    if request.method == "POST":
        page = reverse("segments:find")
        changed = apply_settings(request, FOUND_LIST)
        if changed is not None:
            return redirect(f"{page}?{changed}")
        done = run_action(request, actions, filtered.qs, "pk")
        return done or redirect(f"{page}?{request.GET.urlencode()}")
    shown = FOUND_LIST.shown(request)
    table = FoundTable(filtered.qs, request, ticks=bool(actions), shown=shown)
    saved = Segment.objects.filter(query=query).first() if query else None
    context: dict[str, Any] = {
        "title": saved.name if saved else _("Find contacts"),
        "filter": filtered,
        "filtering": bool(query),
        # Found people come first; the chips above them say what they were found by.
        "is_refined": not query or filtered.unreadable_reason or _REFINE in request.GET,
        "unreadable_reason": filtered.unreadable_reason,
        "table": table,
        "actions": actions,
        "page": table.page,
        "query": query,
        "page_query": without(request.GET),
        "saved": saved,
        "name_form": NameForm(),
        "found_links": [link for link in found_links if link.is_for(request.user)],
        "segment_links": _links(request, saved) if saved else [],
        **FOUND_LIST.context(request, shown),
    }
    return TemplateResponse(request, "segments/find.html", context)


@require_GET
@may_see
def of_audience(request: HttpRequest, webinar_id: int, name: str) -> HttpResponse:
    """Open the search with an audience of a webinar, to narrow it down or add webinars."""
    query = urlencode({"audience": name, "webinars": str(webinar_id), _REFINE: "1"})
    return redirect(f"{reverse('segments:find')}?{query}")


@require_GET
@may_see
def export(request: HttpRequest, kind: FileKind) -> HttpResponseBase:
    """Export the contacts found; the file has the columns that an import reads."""
    found = found_by(request.GET)
    if found.unreadable_reason:
        return redirect(f"{reverse('segments:find')}?{conditions(request.GET)}")
    return _file(kind, request, found.qs)


@require_GET
@may_see
def export_list(request: HttpRequest, kind: FileKind) -> HttpResponseBase:
    """Export the list of contacts as its query filters and sorts it; if that shows no one, redirect
    to the list, which says why."""
    model_admin: Any = admin.site.get_model_admin(Contact)
    people = model_admin.listed(request)
    if not people.exists():
        page = reverse("admin:contacts_contact_changelist")
        return redirect(f"{page}?{request.GET.urlencode()}")
    return list_file(kind, request, people)


def _file(kind: FileKind, request: HttpRequest, people: QuerySet[Contact]) -> HttpResponseBase:
    in_order, filters = FoundTable.in_order(people, request), ContactFilter.parameters()
    return contacts_file(kind, request, in_order, "audit.found-exported", filters)


# Actions on selected contacts that only this page has.
_FILES = [
    BarAction(f"export_{kind}", kind.button, partial(_file, kind), order=10) for kind in FileKind
]


@require_GET
@may_see
def segments(request: HttpRequest) -> HttpResponse:
    """Show the saved segments with their present numbers of people."""
    page = Paginator(Segment.objects.select_related("created_by"), _SEGMENTS).get_page(
        request.GET.get("page")
    )
    people = counted(list(page))
    for segment in page:
        segment.links = _links(request, segment)
    context: dict[str, Any] = {
        "title": _("Segments"),
        "page": page,
        "rows": [(segment, people[segment.pk]) for segment in page],
    }
    return TemplateResponse(request, "segments/segments.html", context)


def _links(request: HttpRequest, segment: Segment) -> list[tuple[Any, str]]:
    """Return labels and URLs of the actions that packages above offer for a segment."""
    return [
        (link.label, link.address(segment.pk))
        for link in segment_links
        if link.is_for(request.user) and link.applies(segment)
    ]


@require_POST
@permitted("segments.add_segment")
def save(request: HttpRequest) -> HttpResponse:
    """Save the current conditions as a segment."""
    query = conditions(QueryDict(request.POST.get("query", "")))
    back = redirect(f"{reverse('segments:find')}?{query}")
    form = NameForm(request.POST)
    if not query or found_by(QueryDict(query)).unreadable_reason:
        messages.error(request, _("Choose conditions first, then save them as a segment."))
    elif not form.is_valid():
        messages.error(request, " ".join(str(error) for error in form.errors["name"]))
    else:
        form.instance.query, form.instance.created_by_id = query, request.user.pk
        segment = form.save()
        log_change(request.user.pk, segment, "audit.segment-saved", action=Action.ADDED)
        message = _("Segment “%(name)s” saved. Share its link with colleagues.")
        messages.success(request, message % {"name": segment.name})
    return back


@require_http_methods(["GET", "POST"])
@permitted("segments.change_segment")
def rename(request: HttpRequest, segment_id: int) -> HttpResponse:
    """Rename a segment."""
    segment = get_object_or_404(Segment, pk=segment_id)
    form = NameForm(request.POST or None, instance=segment)
    if request.method == "POST" and form.is_valid():
        log_change(request.user.pk, form.save(), "audit.segment-renamed")
        return redirect("segments:segments")
    return _asking(request, _("Rename segment"), segment, form)


@require_http_methods(["GET", "POST"])
@permitted("segments.delete_segment")
def delete(request: HttpRequest, segment_id: int) -> HttpResponse:
    """Delete a segment after confirmation; its contacts stay."""
    segment = get_object_or_404(Segment, pk=segment_id)
    if request.method == "POST":
        log_change(request.user.pk, segment, "audit.segment-deleted", action=Action.DELETED)
        segment.delete()
        messages.success(request, _("The segment is deleted. Its contacts stay."))
        return redirect("segments:segments")
    return _asking(request, _("Delete segment"), segment, None)


def _asking(
    request: HttpRequest, title: str, segment: Segment, form: NameForm | None
) -> HttpResponse:
    context = {
        "title": title,
        "segment": segment,
        "form": form,
    }
    return TemplateResponse(request, "segments/segment.html", context)
