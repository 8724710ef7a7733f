"""Browsers in which someone has signed in: they are not held up by what others try.

A signed cookie says whose name a browser has signed in with. It opens nothing by itself: whoever
has it has tries of their own, instead of those that are shared by everyone who guesses that name
or sits behind the same address.
"""

import secrets
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.signals import user_logged_in
from django.core import signing
from django.http import HttpRequest, HttpResponse

# Who has not signed in for longer is asked like a stranger.
_KNOWN_FOR_SECONDS = 90 * 86_400
_SALT = "accounts.known_browser"
_SIGNED_IN = "_signed_in_as"
View = Callable[[HttpRequest], HttpResponse]


def known_browser(request: HttpRequest, username: str | None) -> str:
    """Return the id of a browser that has signed in as `username`; "" for any other."""
    written = request.COOKIES.get(settings.KNOWN_BROWSER_COOKIE_NAME, "")
    try:
        name, browser = signing.loads(written, salt=_SALT, max_age=_KNOWN_FOR_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return str(browser) if name == username else ""


def remember_browser(get_response: View) -> View:
    """Middleware: give the browser in which someone has just signed in its cookie."""

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
    """Notice who signs in."""
    user_logged_in.connect(_signed_in, dispatch_uid="accounts.known_browsers")


def _signed_in(request: HttpRequest | None, user: AbstractBaseUser, **_: Any) -> None:
    if request is not None:
        setattr(request, _SIGNED_IN, user.get_username())
