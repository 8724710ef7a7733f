"""The page for unexpected errors."""

import sys

import structlog
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from operations.statement_timeout import took_too_long


def broken(_request: HttpRequest) -> HttpResponse:
    """Respond 500 with the id that finds the details in the log; rendered without the request,
    which may be the cause."""
    known = structlog.contextvars.get_contextvars().get("request_id", "")
    context = {"request_id": known, "too_long": took_too_long(sys.exception())}
    return render(None, "500.html", context, status=500)
