"""The page with a webinar's sync history and a preview of the next sync."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from core.flash import flash_result
from core.permissions import permitted
from sync import dry_run as dry_runs
from sync.models import DryRun
from sync.views.status import status
from webinars.models import Webinar

PAGE = 50


@require_GET
@permitted("webinars.view_webinar")
def syncs(request: HttpRequest, webinar_id: int) -> HttpResponse:
    """Show the sync runs, latest first, and the preview."""
    webinar = get_object_or_404(Webinar, pk=webinar_id)
    runs = webinar.sync_runs.select_related("started_by")
    context: dict[str, Any] = {
        "title": webinar.subject,
        "subtitle": _("Sync"),
        "webinar": webinar,
        "page": Paginator(runs, PAGE).get_page(request.GET.get("page")),
        "planned": webinar.dryruns.filter(state=DryRun.State.DONE).first(),
        **status(webinar.dryruns.first()),
    }
    return TemplateResponse(request, "sync/sync_history.html", context)


@require_POST
@permitted("webinars.change_webinar")
def dry_run(request: HttpRequest, webinar_id: int) -> HttpResponse:
    """Request a preview and go to the page that shows it."""
    begun = dry_runs.request(get_object_or_404(Webinar, pk=webinar_id), request.user.pk)
    flash_result(request, begun, _("Preparing the preview. Nothing is changed."))
    return redirect("sync:syncs", webinar_id)
