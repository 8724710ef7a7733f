"""The page of a webinar's audience, and its export."""

from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from contacts.export_columns import ContactLinks
from contacts.list_settings import apply_settings
from contacts.models import Contact
from contacts.people_actions import BarAction, bar_actions, run_action
from core.audit import log_export
from core.filter_chips import without
from core.messages import part
from core.permissions import permitted
from core.table_export import FileKind, table_file
from webinars.audiences import LABELS, Audience, counts, members
from webinars.export_columns import AudienceFile
from webinars.filters import AudienceFilter
from webinars.models import Registration, Webinar
from webinars.panels import audience_actions
from webinars.people_table import AUDIENCE_LIST, AudienceTable
from webinars.statuses import with_status


@require_http_methods(["GET", "POST"])
@permitted("webinars.view_registration")
def audience(request: HttpRequest, webinar_id: int, name: str) -> HttpResponseBase:
    """Show an audience, filtered, sorted and paged, or run an action on those selected."""
    webinar, chosen = _asked_for(webinar_id, name)
    filtered = _filtered(request, webinar, chosen)
    actions = bar_actions(request, _actions(webinar, chosen), _contacts)
    if request.method == "POST":
        changed = apply_settings(request, AUDIENCE_LIST)
        if changed is not None:
            return redirect(f"{_address(webinar, chosen)}?{changed}")
        done = run_action(request, actions, filtered.qs, "contact")
        return done or _page_of(request, webinar, chosen)
    counted = counts(webinar.registrations.all())
    # The header shows them too.
    vars(webinar)["counts"] = counted
    shown = AUDIENCE_LIST.shown(request)
    table = AudienceTable(with_status(filtered.qs), request, ticks=bool(actions), shown=shown)
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
        "table": table,
        "actions": actions,
        "speakers": webinar.speakers.all() if chosen == Audience.INTERNAL else (),
        "page": table.page,
        "query": without(request.GET),
        **AUDIENCE_LIST.context(request, shown),
    }
    return TemplateResponse(request, "webinars/audience.html", context)


def _is_informative(audience: Audience, counted: dict[Audience, int]) -> bool:
    """Return whether `audience` has people, and not the same ones as another."""
    if audience == Audience.NO_SHOW_NOT_CANCELLED:
        return counted[audience] != counted[Audience.NO_SHOW]
    return bool(counted[audience])


@require_GET
@permitted("webinars.view_registration")
def export(request: HttpRequest, webinar_id: int, name: str, kind: FileKind) -> HttpResponseBase:
    """Export the filtered people as a file, or redirect to the page with the errors."""
    webinar, chosen = _asked_for(webinar_id, name)
    filtered = _filtered(request, webinar, chosen)
    if filtered.unreadable_reason:
        return _page_of(request, webinar, chosen)
    return _file(webinar, chosen, kind, request, filtered.qs)


def _file(
    webinar: Webinar,
    chosen: Audience,
    kind: FileKind,
    request: HttpRequest,
    people: QuerySet[Registration],
) -> HttpResponseBase:
    file = AudienceFile(webinar, ContactLinks(request.build_absolute_uri("/")))
    log_export(
        request,
        webinar,
        "audit.audience-exported",
        {"what": part(f"audit.audience-{chosen}")},
        count=people.count(),
        filters=AudienceFilter.parameters(),
    )
    rows = file.rows(AudienceTable.in_order(people, request))
    return table_file(kind, f"{webinar.slug}-{chosen}", file.headings, rows)


def _actions(webinar: Webinar, chosen: Audience) -> list[BarAction]:
    """Return what can be done with chosen people of an audience only."""
    files = [
        BarAction(f"export_{kind}", kind.button, partial(_file, webinar, chosen, kind), order=10)
        for kind in FileKind
    ]
    registered = [
        BarAction(
            item.name, item.label, partial(item.run, webinar, chosen), item.permission, item.order
        )
        for item in audience_actions
    ]
    return files + registered


def _contacts(people: QuerySet[Registration]) -> QuerySet[Contact]:
    return Contact.objects.filter(pk__in=people.order_by().values("contact"))


def _page_of(request: HttpRequest, webinar: Webinar, chosen: Audience) -> HttpResponse:
    return redirect(f"{_address(webinar, chosen)}?{request.GET.urlencode()}")


def _address(webinar: Webinar, chosen: Audience) -> str:
    return reverse("webinars:audience", args=[webinar.pk, chosen.value])


def _asked_for(webinar_id: int, name: str) -> tuple[Webinar, Audience]:
    webinar = get_object_or_404(Webinar, pk=webinar_id)
    try:
        return webinar, Audience(name)
    except ValueError:
        raise Http404(_("Unknown audience.")) from None


def _filtered(request: HttpRequest, webinar: Webinar, chosen: Audience) -> AudienceFilter:
    people = members(webinar, chosen).select_related("contact").order_by("-registered_at", "-pk")
    return AudienceFilter(request.GET, queryset=people)
