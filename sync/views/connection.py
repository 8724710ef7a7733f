"""The page of a connection: account, status, usage, and webhooks."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.encryption import UnreadableSecret
from core.permissions import permitted
from platforms import connect, registry
from platforms.error_messages import explain
from platforms.errors import PlatformError
from platforms.models import Connection, WebhookSetup
from platforms.tasks import queue_webhooks
from platforms.webhooks import subscriptions
from sync.models import SyncRun
from sync.usage import calls_of_the_last_hour, delay

may_see = permitted("platforms.view_connection")
may_change = permitted("platforms.change_connection")


def _connection(connection_id: int) -> Connection:
    return get_object_or_404(Connection, pk=connection_id)


@require_GET
@may_see
def page(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Show one connection."""
    connection, now = _connection(connection_id), timezone.now()
    setup = WebhookSetup.objects.filter(connection=connection).first()
    context: dict[str, Any] = {
        "title": str(connection),
        "connection": connection,
        "calls": calls_of_the_last_hour(connection, now),
        "offers_webhooks": registry.platform_of(connection).capabilities.webhooks,
        "webhooks": setup if setup and setup.is_enabled else None,
        "came_in": setup,
        "signature": _about_signatures(setup),
        "reachable": subscriptions.can_be_reached(connection),
        "delay": delay(connection, setup.on_since if setup else None, now),
        "failed": SyncRun.objects.filter(connection=connection, state=SyncRun.State.FAILED)
        .select_related("webinar")
        .first(),
        "look_again": bool(setup and setup.state == WebhookSetup.State.SETTING_UP),
    }
    return TemplateResponse(request, "sync/connection.html", context)


def _about_signatures(setup: WebhookSetup | None) -> tuple[str, str]:
    """Return whether signatures of events are valid, as text, and its tone."""
    if setup is None or not setup.is_enabled:
        return "", ""
    if not registry.platform_of(setup.connection).checks_signatures:
        return _("Signatures are not checked: GOTO_WEBHOOK_SIGNATURE is none."), "warning"
    if setup.forged and not setup.verified:
        return _(
            "No signature was valid so far. If these events are GoTo's own, it signs "
            "them another way: change GOTO_WEBHOOK_SIGNATURE, or set it to none. Until "
            "then, webinars sync on schedule only."
        ), "danger"
    if setup.verified:
        return _("Signature check: OK. Unsigned events are ignored."), "success"
    if setup.taken:
        return _(
            "GoTo's events are not signed. Each is confirmed with GoToWebinar before it is applied."
        ), "warning"
    return _("No event has come yet."), "info"


@require_POST
@may_change
def test(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Test the connection with one call to the platform."""
    connection = _connection(connection_id)
    try:
        connect.verify_connection(connection)
    except (PlatformError, UnreadableSecret, ValueError) as error:
        messages.error(request, _problem(error))
    else:
        messages.success(request, _("Connection works."))
    return redirect("sync:connection", connection_id)


@require_http_methods(["GET", "POST"])
@may_change
def disconnect(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Disconnect after confirmation; all data is kept."""
    connection = _connection(connection_id)
    if request.method == "POST":
        failed = connect.disconnect(connection)
        if failed is None:
            message = _("%(who)s is disconnected. All data is kept.")
            messages.success(request, message % {"who": connection})
        else:
            message = _(
                "%(who)s is disconnected here, but access could not be revoked at GoTo. "
                "Remove this application in GoTo's portal too. %(why)s"
            )
            messages.warning(request, message % {"who": connection, "why": _problem(failed)})
        return redirect("sync:connection", connection_id)
    context = {
        "title": _("Disconnect %(who)s") % {"who": connection},
        "connection": connection,
    }
    return TemplateResponse(request, "sync/disconnect.html", context)


@require_POST
@may_change
def webhooks(request: HttpRequest, connection_id: str, action: str) -> HttpResponse:
    """Switch webhooks "on" or "off", or "renew" the URL that the platform posts to."""
    connection = _connection(int(connection_id))
    if not registry.platform_of(connection).capabilities.webhooks:
        raise Http404
    if action == "off":
        failed = subscriptions.switch_off(connection)
        if failed is not None:
            messages.warning(request, _problem(failed))
        messages.success(request, _("Webhooks are off. Webinars sync every 15 minutes."))
        return redirect("sync:connection", connection_id)
    if action == "on":
        subscriptions.switch_on(connection)
        messages.success(request, _("Webhooks are being set up at GoToWebinar."))
    else:
        subscriptions.renew_address(connection)
        messages.success(request, _("The new webhook URL is being sent to GoToWebinar."))
    queue_webhooks()
    return redirect("sync:connection", connection_id)


def _problem(error: Exception) -> str:
    if isinstance(error, ValueError):
        return str(error)
    problem = explain(error)
    if not problem.platform_message:
        return problem.sentence
    return _("%(plain)s GoToWebinar's message: “%(words)s”") % {
        "plain": problem.sentence,
        "words": problem.platform_message,
    }
