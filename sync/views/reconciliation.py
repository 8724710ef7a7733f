"""The pages that explain why the two lists of a webinar differ."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from contacts.matching import contacts_by_email
from contacts.models import Contact
from core.flash import flash_result
from core.permissions import permitted
from sync.models import Reason, Reconciliation, ReconciliationDifference
from sync.reconciliation import job
from sync.reconciliation import report as words
from sync.views.status import status
from webinars.audiences import Audience
from webinars.models import Webinar

PAGE = 50
State = Reconciliation.State


@require_GET
@permitted("webinars.view_registration")
def report(request: HttpRequest, webinar_id: int) -> HttpResponse:
    """Show the two totals of the last reconciliation and the steps between them."""
    webinar = get_object_or_404(Webinar, pk=webinar_id)
    done = _last_done(webinar)
    context: dict[str, Any] = {
        "title": webinar.subject,
        "subtitle": _("Compare with GoToWebinar"),
        "webinar": webinar,
        "done": done,
        "awaiting": Audience.AWAITING_APPROVAL.value,
        "denied": Audience.DENIED.value,
        **status(webinar.reconciliations.first()),
    }
    if done is not None:
        context["report"] = words.build(done, done.counts(), sync_enabled=webinar.sync_enabled)
    return TemplateResponse(request, "sync/reconciliation.html", context)


@require_POST
@permitted("webinars.change_webinar")
def start(request: HttpRequest, webinar_id: int) -> HttpResponse:
    """Request a reconciliation and go back to the page, which shows its progress."""
    begun = job.request(get_object_or_404(Webinar, pk=webinar_id), request.user.pk)
    flash_result(request, begun, _("Both lists are being read. This page shows what was found."))
    return redirect("sync:reconciliation", webinar_id)


@require_GET
@permitted("webinars.view_registration")
def people(request: HttpRequest, webinar_id: int, name: str) -> HttpResponse:
    """Show the people of one step."""
    webinar = get_object_or_404(Webinar, pk=webinar_id)
    reason = next((reason for reason in Reason if reason.slug == name), None)
    if reason is None:
        raise Http404(_("Unknown reason."))
    done = _last_done(webinar)
    rows = ReconciliationDifference.objects.filter(reconciliation=done, reason=reason)
    rows = rows.select_related("registration__contact").order_by("pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "title": webinar.subject,
        "subtitle": reason.label,
        "webinar": webinar,
        "done": done,
        "reason": reason,
        "deleted": reason == Reason.DELETED,
        "why": words.explain(reason, sync_enabled=webinar.sync_enabled),
        "page": page,
        "people": _with_contacts(list(page)),
    }
    return TemplateResponse(request, "sync/reconciliation_people.html", context)


def _last_done(webinar: Webinar) -> Reconciliation | None:
    return webinar.reconciliations.filter(state=State.DONE).select_related("requested_by").first()


def _with_contacts(
    rows: list[ReconciliationDifference],
) -> list[tuple[ReconciliationDifference, Contact | None]]:
    """Return each row with its contact, including one that a sync has created since."""
    keys = {row.email_key for row in rows if row.email_key}
    since = contacts_by_email(keys)
    return [
        (row, row.registration.contact if row.registration else since.get(row.email_key))
        for row in rows
    ]
