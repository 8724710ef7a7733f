"""The page for what nobody expected."""

import sys
from collections.abc import Callable

import structlog
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from operations.statement_timeout import took_too_long


def no_nul(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: 400 for an address with a NUL in it, which no browser sends and PostgreSQL does
    not take."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("An address has no NUL in it.")
        return get_response(request)

    return middleware


def broken(_request: HttpRequest) -> HttpResponse:
    """500 with the number that finds the details in the log; rendered without the request, which
    may be what broke."""
    known = structlog.contextvars.get_contextvars().get("request_id", "")
    context = {"request_id": known, "too_long": took_too_long(sys.exception())}
    return render(None, "500.html", context, status=500)
