"""Views to start a sync and to show its progress."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from core.flash import flash_result
from core.numbers import whole_number
from core.permissions import permitted
from platforms.models import Connection
from sync import status
from sync.queue import queue_lists, queue_sync
from webinars.audiences import Audience, counts_by_webinar
from webinars.models import Webinar


@require_POST
@permitted("webinars.change_webinar")
def sync_now(request: HttpRequest, webinar_id: int) -> HttpResponse:
    """Queue a sync of one webinar and go back to its page, which shows the progress."""
    webinar = get_object_or_404(Webinar, pk=webinar_id)
    if webinar.sync_enabled:
        begun = queue_sync([webinar], user_id=request.user.pk) > 0
        flash_result(request, begun, _("Sync started."))
    else:
        messages.error(request, _("Sync is off for this webinar. Turn it on first."))
    return redirect("admin:webinars_webinar_change", webinar_id)


@require_POST
@permitted("webinars.change_webinar")
def refresh_list(request: HttpRequest) -> HttpResponse:
    """Queue a refresh of the lists of webinars and go back to them."""
    if any(connection.is_synced for connection in Connection.objects.all()):
        begun = queue_lists(user_id=request.user.pk) > 0
        flash_result(request, begun, _("The list of webinars is being read from GoToWebinar."))
    else:
        messages.error(
            request, _("GoToWebinar is not connected yet. Ask the operator to connect it.")
        )
    return redirect("admin:webinars_webinar_changelist")


@require_GET
@permitted("webinars.view_webinar")
def progress(request: HttpRequest) -> JsonResponse:
    """Return the status of the webinars in `?id=…&id=…` as JSON."""
    ids = [whole_number(pk) or 0 for pk in request.GET.getlist("id")[:100]]
    webinars = list(Webinar.objects.filter(pk__in=ids))
    runs = status.latest_runs(webinars)
    counted, cut_off = counts_by_webinar(webinars), status.cut_off()
    answer: list[dict[str, Any]] = []
    for webinar in webinars:
        run = runs.get(webinar.pk)
        shown = status.health(webinar, run, cut_off=cut_off)
        answer.append(
            {
                "webinar": webinar.pk,
                "text": shown.text,
                "short": shown.short,
                "tone": shown.tone,
                "running": shown.running,
                "run": run.pk if run else 0,
                "done": run.done if run else 0,
                "total": run.total if run else 0,
                "on_the_way": status.on_the_way(counted[webinar.pk][Audience.PENDING]),
            }
        )
    return JsonResponse({"webinars": answer})
