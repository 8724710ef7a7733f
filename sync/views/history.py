"""Pages of a webinar beside its overview: its registration form, and its sync history."""

from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.permitted import permitted
from webinars.formtools import form_tools
from webinars.models import DryRun, Webinar
from webinars.sync import preview as dry_runs
from webinars.telling import tell
from webinars.views.standing import standing

PAGE = 50


@require_GET
@permitted("webinars.view_webinar")
def form_page(request: HttpRequest, webinar_id: int) -> HttpResponse:
    """Show a webinar's registration form: its link, the lines to embed it, and how it looks."""
    webinar = get_object_or_404(Webinar, pk=webinar_id)
    context = {
        **admin.site.each_context(request),
        "title": _("Registration form"),
        "webinar": webinar,
        **form_tools(request, webinar),
    }
    return TemplateResponse(request, "webinars/form_page.html", context)


@require_GET
@permitted("webinars.view_webinar")
def syncs(request: HttpRequest, webinar_id: int) -> HttpResponse:
    """Show a line a sync run, latest first, and what the next one would do."""
    webinar = get_object_or_404(Webinar, pk=webinar_id)
    runs = webinar.sync_runs.select_related("started_by")
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Sync history"),
        "webinar": webinar,
        "page": Paginator(runs, PAGE).get_page(request.GET.get("page")),
        "planned": webinar.dryruns.filter(state=DryRun.State.DONE).first(),
        **standing(webinar.dryruns.first()),
    }
    return TemplateResponse(request, "webinars/syncs.html", context)


@require_POST
@permitted("webinars.change_webinar")
def preview(request: HttpRequest, webinar_id: int) -> HttpResponse:
    """Have the next sync planned and go to the page that shows the plan."""
    begun = dry_runs.ask(get_object_or_404(Webinar, pk=webinar_id), request.user.pk)
    tell(request, begun, _("The next sync is being planned. Nothing is changed by it."))
    return redirect("webinars:syncs", webinar_id)
