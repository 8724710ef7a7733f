"""The pages for errors: what happened, and the way back."""

import sys

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse

from operations.statement_timeout import took_too_long

_FORM = "registration_forms:form"
# Pages that visitors reach from a registration form, and the form itself.
_OF_A_FORM = {_FORM, *(f"registration_forms:{name}" for name in ("answer", "status", "calendar"))}
_PUBLIC = {*_OF_A_FORM, "mailings:unsubscribe", "mailings:example_link", "platforms:webhook"}


def form_of(request: HttpRequest) -> str:
    """Return the address of the registration form that a visitor came from; "" where it was none.
    The form of no webinar has a page that says so."""
    name, slug = _page(request)
    return reverse(_FORM, args=[slug]) if name in _OF_A_FORM else ""


def leads_to_dashboard(request: HttpRequest) -> bool:
    """Return whether the reader works here, by the cookie of a session and the page. Neither the
    session nor the database is asked: they may be what is broken."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES and _page(request)[0] not in _PUBLIC


def broken(request: HttpRequest) -> HttpResponse:
    """Respond 500 with the id that finds the details in the log; rendered without the request,
    which may be the cause."""
    known = structlog.contextvars.get_contextvars().get("request_id", "")
    context = {
        "request_id": known,
        "too_long": took_too_long(sys.exception()),
        "form": form_of(request),
        "dashboard": leads_to_dashboard(request),
    }
    return render(None, "500.html", context, status=500)


def _page(request: HttpRequest) -> tuple[str, str]:
    """Return the name of the page at the address, and the webinar that it is of."""
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return "", ""
    return match.view_name, str(match.kwargs.get("slug", ""))
