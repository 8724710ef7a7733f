"""Remember the browsers in which someone has signed in, so that others' failed attempts do not lock
them out.

A signed cookie names the user who has signed in with the browser. It does not sign anyone in: it
only gives the browser its own number of attempts, instead of those shared by everyone who tries the
same name or uses the same network address.
"""

import secrets
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.signals import user_logged_in
from django.core import signing
from django.http import HttpRequest, HttpResponse

# After this time a browser is treated as unknown.
_KNOWN_FOR_SECONDS = 90 * 86_400
_SALT = "accounts.known_browser"
_SIGNED_IN = "_signed_in_as"
View = Callable[[HttpRequest], HttpResponse]


def known_browser(request: HttpRequest, username: str | None) -> str:
    """Return the id of the browser if it has signed in as `username`, else ""."""
    written = request.COOKIES.get(settings.KNOWN_BROWSER_COOKIE_NAME, "")
    try:
        name, browser = signing.loads(written, salt=_SALT, max_age=_KNOWN_FOR_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return str(browser) if name == username else ""


def remember_browser(get_response: View) -> View:
    """Middleware: set the cookie after a sign-in."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        username = request.__dict__.get(_SIGNED_IN)
        if username is not None:
            browser = known_browser(request, username) or secrets.token_urlsafe(16)
            response.set_cookie(
                settings.KNOWN_BROWSER_COOKIE_NAME,
                signing.dumps([username, browser], salt=_SALT),
                max_age=_KNOWN_FOR_SECONDS,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response

    return middleware


def connect() -> None:
    """Connect to Django's sign-in signal."""
    user_logged_in.connect(_signed_in, dispatch_uid="accounts.known_browsers")


def _signed_in(request: HttpRequest | None, user: AbstractBaseUser, **_: Any) -> None:
    if request is not None:
        setattr(request, _SIGNED_IN, user.get_username())
