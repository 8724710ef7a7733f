"""System checks of an installation's settings (`manage.py check`), each with what to do."""

import re
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

_ORIGIN = re.compile(r"https?://(\*\.)?[\w.-]+(:\d+)?")


@register(Tags.security)
def token_keys(**_: Any) -> list[CheckMessage]:
    """Check that each of TOKEN_KEYS is a Fernet key."""
    for key in settings.TOKEN_KEYS:
        try:
            Fernet(key)
        except ValueError:
            return [
                Error(
                    "TOKEN_KEYS holds something that is no key.",
                    hint="`.env.example` says how to make one; separate several by commas.",
                    id="webinarsync.E001",
                )
            ]
    return []


@register(Tags.urls)
def addresses(**_: Any) -> list[CheckMessage]:
    """Check that URLs have a scheme and a host."""
    return [
        Error(
            f"{name} is no address: {getattr(settings, name)!r}.",
            hint="Give scheme and host, for instance https://webinars.example.com",
            id="webinarsync.E002",
        )
        for name in ("PUBLIC_URL", "GOTO_API_URL", "GOTO_AUTH_URL", "HUBSPOT_API_URL")
        if getattr(settings, name) and not _is_address(getattr(settings, name))
    ]


@register(Tags.urls)
def frames(**_: Any) -> list[CheckMessage]:
    """Check that sites that may embed the form are origins: other text would go into a header."""
    return [
        Error(
            f"FORM_FRAME_ORIGINS holds something that is no origin: {origin!r}.",
            hint="Give scheme and host alone, for instance https://www.example.com",
            id="webinarsync.E003",
        )
        for origin in settings.FORM_FRAME_ORIGINS
        if not _ORIGIN.fullmatch(origin)
    ]


@register(Tags.security)
def webhook_signature(**_: Any) -> list[CheckMessage]:
    """Check that GOTO_WEBHOOK_SIGNATURE is one of four words."""
    if settings.GOTO_WEBHOOK_SIGNATURE in ("hex", "base64", "either", "none"):
        return []
    return [
        Error(
            f"GOTO_WEBHOOK_SIGNATURE is {settings.GOTO_WEBHOOK_SIGNATURE!r}.",
            hint="Set it to hex, base64, either or none.",
            id="webinarsync.E004",
        )
    ]


@register(Tags.security, deploy=True)
def ready_to_serve(**_: Any) -> list[CheckMessage]:
    """Check what a server needs beyond Django's own list."""
    found: list[CheckMessage] = []
    if not settings.PUBLIC_URL:
        found.append(
            Warning(
                "PUBLIC_URL is not set.",
                hint="Set it to the address where people reach this installation.",
                id="webinarsync.W001",
            )
        )
    if not (settings.GOTO_CLIENT_ID and settings.GOTO_CLIENT_SECRET):
        found.append(
            Warning(
                "GOTO_CLIENT_ID and GOTO_CLIENT_SECRET are not both set.",
                hint="They come from GoTo's developer centre; without them nothing is synced.",
                id="webinarsync.W002",
            )
        )
    return found


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
