"""Views to connect an organizer's account: the OAuth 2.0 authorization code flow with PKCE."""

import secrets
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from core.permissions import Sources, permitted
from platforms import registry
from platforms.connect import authorization_url, connect_authorized
from platforms.contract import Platform
from platforms.error_messages import explain
from platforms.errors import PlatformError
from platforms.models import Connection
from platforms.panels import address_of
from platforms.signals import lists_requested

_STATE = "oauth_state"
may_connect = permitted("platforms.change_connection")


def _platform() -> Platform:
    return registry.platform_named(registry.DEFAULT)


def _sign_in_host() -> Sources:
    """Allow the form to redirect to the platform's sign-in, unless the setting is invalid."""
    try:
        parts = urlsplit(_platform().sign_in_url)
    except ValueError:
        return {}
    return {"form-action": [f"{parts.scheme}://{parts.netloc}"]}


@require_GET
@permitted("platforms.change_connection", sources=_sign_in_host)
def page(request: HttpRequest) -> HttpResponseBase:
    """Show what to set up on the platform, with the redirect URI to copy, and a button to
    connect."""
    context: dict[str, Any] = {
        "title": _("Connect GoToWebinar"),
        "callback": _callback(request),
        # A browser that returns to another host than it left has no session there.
        "elsewhere": ""
        if urlsplit(_callback(request)).netloc == request.get_host()
        else f"{settings.PUBLIC_URL}{request.path}",
        "configured": _platform().is_configured,
        "connections": [(item, address_of(item)) for item in Connection.objects.all()],
    }
    return TemplateResponse(request, "platforms/connect.html", context)


@require_POST
@may_connect
def begin(request: HttpRequest) -> HttpResponse:
    """Redirect the operator to the platform, where the organizer authorizes us."""
    state = secrets.token_urlsafe(24)
    try:
        address = authorization_url(_callback(request), state)
    except ValueError as error:
        messages.error(request, str(error))
        return redirect("platforms:connect")
    request.session[_STATE] = state
    return redirect(address)


@require_GET
@may_connect
def callback(request: HttpRequest) -> HttpResponse:
    """Handle the platform's redirect: a code to exchange, or an error."""
    state = request.session.pop(_STATE, "")
    if not state or not constant_time_compare(state, request.GET.get("state", "")):
        messages.error(
            request,
            _("This response belongs to no sign-in that was started here. Press Connect again."),
        )
        return redirect("platforms:connect")
    if "code" not in request.GET:
        messages.error(request, _refusal(request))
        return redirect("platforms:connect")
    try:
        connection = connect_authorized(
            request.GET["code"], _callback(request), state, request.user.pk
        )
    except PlatformError as error:
        messages.error(request, _not_connected(error))
        return redirect("platforms:connect")
    if any(asked for _receiver, asked in lists_requested.send(Connection, user_id=request.user.pk)):
        message = _("%(who)s is connected. The list of webinars is being read.")
    else:
        message = _(
            "%(who)s is connected. The task queue does not respond, so the list of "
            "webinars is read within the hour. If this persists, contact the operator."
        )
    messages.success(request, message % {"who": connection})
    return redirect(address_of(connection))


def _not_connected(error: PlatformError) -> str:
    """Return why the sign-in failed after the platform's page, with the platform's message."""
    problem = explain(error)
    plain = {
        "invalid_client": _(
            "Not connected. GOTO_CLIENT_ID or GOTO_CLIENT_SECRET is not what GoTo's portal shows."
        ),
        "invalid_grant": _(
            "Not connected. GoTo's code was used before, has expired, or was issued for "
            "another redirect URI. Press Connect again."
        ),
    }.get(error.code, _("Not connected. %(why)s") % {"why": problem.sentence})
    if not problem.platform_message:
        return plain
    return _("%(plain)s GoToWebinar's message: “%(words)s”") % {
        "plain": plain,
        "words": problem.platform_message,
    }


def _callback(request: HttpRequest) -> str:
    """Return the redirect URI, which must be the same in the platform's portal."""
    path = reverse("platforms:connected")
    return (
        f"{settings.PUBLIC_URL}{path}" if settings.PUBLIC_URL else request.build_absolute_uri(path)
    )


def _refusal(request: HttpRequest) -> str:
    """Return why the platform sent no code, with the platform's message."""
    error = request.GET.get("error", "")[:80]
    plain = {
        "access_denied": _("Access was refused on GoTo's page. Nothing has changed here."),
        "invalid_scope": _("The client lacks the right to GoToWebinar. Add it in GoTo's portal."),
        "unauthorized_client": _("GoTo does not let this client sign people in. Check its kind."),
    }.get(error, _("GoTo sent no sign-in code. Press Connect again."))
    platform_message = request.GET.get("error_description", "")[:300] or error
    return _("%(plain)s GoToWebinar's message: “%(words)s”") % {
        "plain": plain,
        "words": platform_message,
    }
