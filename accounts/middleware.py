"""Apply a user's language and time zone to each page. They are read at sign-in and stored in the
session."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from accounts.models import Preferences
from core.time_zones import zone_called

_LANGUAGE, _ZONE = "own_language", "own_time_zone"
View = Callable[[HttpRequest], HttpResponse]


def remember(request: HttpRequest, preferences: Preferences) -> None:
    """Store `preferences` in the session."""
    request.session[_LANGUAGE] = preferences.language
    request.session[_ZONE] = preferences.time_zone


def own_choices(get_response: View) -> View:
    """Middleware: activate the language and the time zone of the signed-in user."""

    def middleware(request: HttpRequest) -> HttpResponse:
        # Do not create a session just to ask for preferences.
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return get_response(request)
        language, zone = request.session.get(_LANGUAGE), request.session.get(_ZONE)
        if language:
            translation.activate(language)
            request.LANGUAGE_CODE = language
        # None: the installation's own.
        with timezone.override(zone_called(zone)):
            return get_response(request)

    return middleware


def _recall(request: HttpRequest, user: AbstractBaseUser, **_: Any) -> None:
    preferences = Preferences.objects.filter(pk=user.pk).first()
    if preferences is not None:
        remember(request, preferences)


def connect() -> None:
    """Load a user's preferences at sign-in."""
    user_logged_in.connect(_recall, dispatch_uid="accounts.recall")
