"""The page for what nobody expected."""

import structlog
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def broken(_request: HttpRequest) -> HttpResponse:
    """500 with the number that finds the details in the log; rendered without the request, which
    may be what broke."""
    known = structlog.contextvars.get_contextvars().get("request_id", "")
    return render(None, "500.html", {"request_id": known}, status=500)
