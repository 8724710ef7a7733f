"""Limits on failed sign-ins: what is counted, who has to wait, and the page that says so.

django-axes counts failures by user name and network. A network is an IPv4 address or a /64 of IPv6.
This module decides what follows from the counts, so that someone who guesses passwords locks out no
one else.
"""

import datetime as dt
from typing import Any

from axes.attempts import get_cool_off_threshold
from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import admin
from django.db.models import F, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from accounts.known_browsers import known_browser
from accounts.models import LockoutCount
from core.client_address import client_network
from core.portions import delete_in_portions

Kind = LockoutCount.Kind
# Multiples of SIGN_IN_TRIES: for all names from one network, for one name, and for all names from
# everywhere. Beyond the second, each network has one attempt left for a name, so that the right
# password is accepted from a network where no one guessed. Beyond the third, only known browsers
# can sign in.
_NETWORK = 5
_NAME, _NAME_SHUT = 10, 100
_ALL, _ALL_SHUT = 100, 1000
_COUNT_RETENTION = dt.timedelta(days=30)


class Handler(AxesDatabaseHandler):  # type: ignore[misc]
    """Lock by name and network, by network, by name, and for the whole installation."""

    def get_failures(self, request: Any, credentials: dict[str, Any] | None = None) -> int:
        """Return the limit if one is reached, else 0."""
        locked = reached_limit(request, credentials) is not None
        return settings.AXES_FAILURE_LIMIT if locked else 0

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any
    ) -> None:
        """Count a failure, and record that someone has to wait from now on."""
        if request is None:
            return
        was_locked = request.axes_locked_out
        # Of browsers, only the id of a known one is stored.
        request.axes_user_agent = known_browser(request, get_client_username(request, credentials))
        super().user_login_failed(sender, credentials, request, **kwargs)
        kind = reached_limit(request, credentials)
        if request.axes_locked_out and not was_locked and kind is not None:
            _count(kind)


def reached_limit(request: Any, credentials: dict[str, Any] | None = None) -> Kind | None:
    """Return which limit recent failures have reached for the sign-in in `request`."""
    tries = settings.AXES_FAILURE_LIMIT
    name, network = get_client_username(request, credentials), request.axes_ip_address
    failures = AccessAttempt.objects.filter(attempt_time__gte=get_cool_off_threshold(request))
    browser = known_browser(request, name)
    if browser:
        own = failures.filter(username=name, user_agent=browser)
        return Kind.NAME_AND_NETWORK if _sum(own.aggregate(n=_failed()))["n"] >= tries else None
    from_here = Q(ip_address__isnull=True) if network is None else Q(ip_address=network)
    count = _sum(
        failures.filter(user_agent="").aggregate(
            all=_failed(),
            name=_failed(Q(username=name)),
            network=_failed(from_here),
            both=_failed(from_here & Q(username=name)),
        )
    )
    if count["all"] >= _ALL_SHUT * tries:
        return Kind.INSTALLATION
    if count["name"] >= _NAME_SHUT * tries:
        return Kind.NAME
    many_in_all = count["all"] >= _ALL * tries
    if many_in_all and (count["both"] or count["network"] >= tries):
        return Kind.INSTALLATION
    if count["name"] >= _NAME * tries and count["both"]:
        return Kind.NAME
    if count["network"] >= _NETWORK * tries:
        return Kind.NETWORK
    return Kind.NAME_AND_NETWORK if count["both"] >= tries else None


def _failed(condition: Q | None = None) -> Sum:
    return Sum("failures_since_start", filter=condition)


def _sum(found: dict[str, int | None]) -> dict[str, int]:
    return {name: value or 0 for name, value in found.items()}


def _count(kind: Kind) -> None:
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    row, _new = LockoutCount.objects.get_or_create(hour=hour, kind=kind)
    LockoutCount.objects.filter(pk=row.pk).update(count=F("count") + 1)


def forget(now: dt.datetime) -> None:
    """Delete expired failures, with the names that were tried, and old counts."""
    delete_in_portions(
        AccessAttempt.objects.filter(attempt_time__lt=now - settings.AXES_COOLOFF_TIME)
    )
    LockoutCount.objects.filter(hour__lt=now - _COUNT_RETENTION).delete()


def network_of(request: HttpRequest) -> str | None:
    """Return the network of `request` as django-axes stores it."""
    return client_network(request) or None


def client_in_words(
    _username: str, network: str | None, _agent: str, path: str, _request: HttpRequest
) -> str:
    """Return the log message for a failure, without the name that was tried."""
    return f"{network or 'a socket'} at {path}"


def answer(request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
    """Respond with status 429 and the waiting time; django-axes calls this instead of the sign-in
    page."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Too many attempts"),
        "minutes": minutes,
    }
    response = TemplateResponse(request, "accounts/lockout.html", context, status=429)
    response["Retry-After"] = str(minutes * 60)
    add_never_cache_headers(response)
    return response.render()
