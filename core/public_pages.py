"""Common parts of public pages: language, framing, and content security policy."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt

# A public page loads its own style and scripts, and nothing from other sites.
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {}"
)
# The query parameters that are passed on from page to page.
_CARRIED = ("embed", "lang")
View = Callable[..., HttpResponse]


def public_page(view: View) -> View:
    """Make `view` a public page: in the language of `?lang=`, framed only by sites that the
    operator allows.

    No session or right is involved that another site could misuse, and a framed page has no
    cookies, so a form is protected by a signed stamp (`spam_protection`) instead.
    """

    @never_cache
    @csrf_exempt
    @xframe_options_exempt
    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        language = request.GET.get("lang", "")
        if language not in dict(settings.LANGUAGES):
            language = translation.get_language() or settings.LANGUAGE_CODE
        with translation.override(language):
            response = view(request, *args, **kwargs)
        frames = " ".join(["'self'", *settings.FORM_FRAME_ORIGINS])
        response["Content-Security-Policy"] = _POLICY.format(frames)
        response["Content-Language"] = language
        return response

    # What is too large for it is refused on a page of the same kind (core.body_limits).
    shown.is_public = True  # type: ignore[attr-defined]
    return shown


def carried(request: HttpRequest) -> str:
    """Return the query for the next page's address, with its question mark."""
    kept = {name: request.GET[name] for name in _CARRIED if request.GET.get(name)}
    return f"?{urlencode(kept)}" if kept else ""


def other_languages(request: HttpRequest) -> list[tuple[str, str]]:
    """Return (query, name of the language in itself) of the other languages."""
    found = []
    for code, _name in settings.LANGUAGES:
        if code != translation.get_language():
            query = request.GET.copy()
            query["lang"] = code
            found.append((query.urlencode(), translation.get_language_info(code)["name_local"]))
    return found
