"""The results of a check or an import by person: lists, their CSV files, and registrations."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods

from contact_imports import registrations
from contact_imports.further_values import CONSENT, FURTHER
from contact_imports.mapping import RECORD
from contact_imports.models import ContactImport, ImportLine
from contact_imports.plan import CONSENT_REFUSED
from contact_imports.sources import record_url
from contacts.timeline import changes_of
from core.audit import FilterValue, log_export
from core.csv_export import csv_file
from core.permissions import permitted
from registration_forms.fields import Form, FormField, label
from webinars.models import Registration
from webinars.sent_values import in_words

Outcome = ImportLine.Outcome
Undo = ImportLine.Undo
State = Registration.State

_SHOWN = 50
_READ_AT_ONCE = 2000
_REPAIRED = 50
_LONGEST_VALUE = 255

# The lists, by their name in the query: titles and filters.
LISTS: dict[str, tuple[Any, Q]] = {
    "changed": (gettext_lazy("Updated"), Q(outcome=Outcome.CHANGED)),
    "new": (gettext_lazy("New"), Q(outcome=Outcome.NEW)),
    "unchanged": (gettext_lazy("Unchanged"), Q(outcome=Outcome.UNCHANGED)),
    "lacking": (gettext_lazy("Incomplete"), ~Q(lacking=[])),
    "sent": (gettext_lazy("Sent differently"), ~Q(sent_differently=[])),
    "consent": (gettext_lazy("Consent not imported"), Q(code=CONSENT_REFUSED)),
    "skipped": (
        gettext_lazy("Lines that are left out"),
        Q(outcome__in=(Outcome.SKIPPED, Outcome.WRONG)),
    ),
    "kept": (gettext_lazy("Not undone"), Q(undo__in=(Undo.PARTLY, Undo.KEPT))),
}
# The states of registrations, in the order in which they are shown.
_STATES = (
    State.REGISTERED, State.AWAITING, State.PENDING, State.OVERFLOW, State.REJECTED, State.DENIED,
)  # fmt: skip
_AUDIENCES = {
    State.REGISTERED: "registered",
    State.AWAITING: "awaiting-approval",
    State.PENDING: "pending",
    State.OVERFLOW: "overflow",
    State.REJECTED: "rejected",
    State.DENIED: "denied",
}
_HEADINGS = (
    "line", "outcome", "email", "first_name", "last_name", "changes", "reason", "lacking",
    "sent_differently", "registration", "undo",
)  # fmt: skip

may_see = permitted("contacts.add_contact", "contacts.change_contact")
may_repair = permitted(
    "contacts.add_contact", "contacts.change_contact", "webinars.change_registration"
)


def lines_of(item: ContactImport, name: str) -> QuerySet[ImportLine]:
    """Return the lines on the list called `name`, of LISTS."""
    rows = item.lines.filter(LISTS[name][1])
    return rows.select_related("contact", "registration", "contact_import").order_by("number")


def context(item: ContactImport, asked: QueryDict) -> dict[str, Any]:
    """Return the template context of an import: numbers, one of the lists, the registrations."""
    counts = {
        "changed": item.changed,
        "new": item.new,
        "unchanged": item.unchanged,
        "lacking": item.lacking,
        "sent": item.sent_differently,
        "consent": _consent_not_taken(item),
        "skipped": item.skipped + item.wrong,
        "kept": item.undo_skipped,
    }
    lists = [(name, LISTS[name][0], count) for name, count in counts.items() if count]
    shown = asked.get("show", "")
    if shown not in counts:
        shown = lists[0][0] if lists else "changed"
    page = Paginator(lines_of(item, shown), _SHOWN).get_page(asked.get("page"))
    return {
        "numbers": [
            (_("New"), item.new),
            (_("Updated"), item.changed),
            (_("Unchanged"), item.unchanged),
            (_("Skipped"), item.skipped),
            (_("Lines with errors"), item.wrong),
        ],
        "lists": lists,
        "shown": shown,
        "shown_name": LISTS[shown][0],
        "consent_not_taken": counts["consent"],
        "page": page,
        "query": f"show={shown}",
        "lines": [_shown(line) for line in page],
        "registrations": _registrations(item),
        "to_repair": _to_repair(item),
        "left_out": [] if shown == "skipped" else _left_out(item),
    }


def _left_out(item: ContactImport) -> list[dict[str, Any]]:
    return [_shown(line) for line in lines_of(item, "skipped")[:_SHOWN]]


def _consent_not_taken(item: ContactImport) -> int:
    return lines_of(item, "consent").count() if CONSENT in item.mapping else 0


def _to_repair(item: ContactImport) -> int:
    if item.webinar is None or item.state != ContactImport.State.DONE:
        return 0
    return registrations.to_repair(item).count() if item.webinar.is_to_come else 0


def _registrations(item: ContactImport) -> list[dict[str, Any]]:
    if item.webinar is None or item.state != ContactImport.State.DONE:
        return []
    counts = registrations.states(item)
    return [
        {"label": state.label, "count": counts[state], "audience": _AUDIENCES[state]}
        for state in _STATES
        if counts.get(state)
    ]


def _shown(line: ImportLine) -> dict[str, Any]:
    """Return a line for the page. Before the import, new people only exist in the line."""
    new = {change["property"]: change["new"] for change in line.changes}
    details = changes_of({"changes": line.changes}) if line.outcome == Outcome.CHANGED else []
    if line.outcome == Outcome.NEW:
        further = [change for change in line.changes if change["property"] in FURTHER]
        details = [value for name, value in new.items() if name not in (*_NAMED, *FURTHER)]
        details += changes_of({"changes": further})
    return {
        "number": line.number,
        "contact": line.contact,
        "name": f"{new.get('first_name', '')} {new.get('last_name', '')}".strip(),
        "email": line.contact.email if line.contact else new.get("email", ""),
        "details": details,
        "lacking": ", ".join(str(label(name)) for name in line.lacking),
        "sent": in_words(line.sent_differently),
        "reason": line.reason,
        "undo": line.get_undo_display() if line.undo else "",
        "record": line.record,
        "record_url": record_url(line.contact_import.source, line.record) if line.record else "",
    }


_NAMED = ("email", "first_name", "last_name")


@require_GET
@may_see
def lines_file(request: HttpRequest, import_id: int) -> StreamingHttpResponse:
    """Export a list of an import, or all its lines, as a CSV file."""
    item = get_object_or_404(ContactImport, pk=import_id)
    shown = request.GET.get("show", "")
    if shown not in LISTS:
        shown = ""
    rows = lines_of(item, shown) if shown else item.lines.select_related("contact", "registration")
    log_export(
        request,
        item,
        "audit.lines-exported",
        count=rows.count(),
        filters={"show": FilterValue.CODE if shown else FilterValue.TYPED},
        name=f"#{item.pk}",
    )
    headings = (*_HEADINGS, RECORD) if item.source else _HEADINGS
    cells = _cells(rows, with_record=bool(item.source))
    return csv_file(f"import-{item.pk}{shown and '-'}{shown}.csv", headings, cells)


def _cells(rows: QuerySet[ImportLine], *, with_record: bool) -> Iterator[list[object]]:
    for line in rows.order_by("number").iterator(chunk_size=_READ_AT_ONCE):
        new = {change["property"]: change["new"] for change in line.changes}
        named = [
            getattr(line.contact, name) if line.contact else new.get(name, "") for name in _NAMED
        ]
        yield [
            line.number,
            line.outcome,
            *named,
            "; ".join(changes_of({"changes": line.changes})) if line.outcome == "changed" else "",
            str(line.reason or ""),
            ", ".join(line.lacking),
            "; ".join(in_words(line.sent_differently)),
            line.registration.state if line.registration else "",
            line.undo,
            *([line.record] if with_record else []),
        ]


# -- repairing -------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@may_repair
def repair(request: HttpRequest, import_id: int) -> HttpResponse:
    """Fill in what rejected or incomplete people lack, and send them again."""
    item = get_object_or_404(ContactImport.objects.select_related("webinar"), pk=import_id)
    if not _to_repair(item) or item.webinar is None:
        messages.info(
            request, _("There is nothing to fix: these registrations have changed in the meantime.")
        )
        return redirect("contact_imports:import", import_id)
    fields = registrations.fields_to_repair(item)
    if request.method == "POST":
        values = {field.name: _value(request.POST, field) for field in fields}
        submitted = {name: value for name, value in values.items() if value}
        sent, left = registrations.repair(item, submitted, Form.of(item.webinar))
        message = ngettext(
            "%(count)d person is on the way to GoToWebinar.",
            "%(count)d people are on their way to GoToWebinar.",
            sent,
        )
        messages.success(request, message % {"count": sent})
        if left:
            message = ngettext(
                "%(count)d person still lacks something.",
                "%(count)d people still lack something.",
                left,
            )
            messages.warning(request, message % {"count": left})
        return redirect("contact_imports:import", import_id)
    page = Paginator(registrations.to_repair(item), _REPAIRED).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "title": _("Repair the refused"),
        "item": item,
        "fields": fields,
        "page": page,
        "lines": [_shown(line) | {"registration": line.registration} for line in page],
    }
    return TemplateResponse(request, "contact_imports/repair.html", context)


def _value(posted: QueryDict, field: FormField) -> str:
    """Return the values chosen or typed for everyone, without invalid choices."""
    value = posted.get(f"field-{field.name}", "").strip()[: min(field.longest, _LONGEST_VALUE)]
    return value if not field.choices or value in field.choices else ""
