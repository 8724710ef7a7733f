"""What somebody sees who tried too many passwords."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _


def answer(request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
    """429 with how long to wait; asked for by django-axes instead of the sign-in page."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Too many tries"),
        "minutes": minutes,
    }
    response = TemplateResponse(request, "accounts/lockout.html", context, status=429)
    response["Retry-After"] = str(minutes * 60)
    return response.render()
