"""Errors of HubSpot as sentences that an operator can act on (`core.messages`)."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from core import messages
from destinations.hubspot.errors import (
    HubSpotError,
    Locked,
    Migrating,
    MissingScope,
    NoAnswerInTime,
    RateLimited,
    RequestRefused,
    TokenRefused,
    Unreachable,
)

messages.register(
    {
        "hubspot.token-expired": gettext_lazy(
            "This access token has expired. Create a new one in HubSpot, then replace it here."
        ),
        "hubspot.token-not-recognised": gettext_lazy(
            "HubSpot does not recognise this access token. Check that it was copied whole, belongs "
            "to this portal and was not deleted or rotated."
        ),
        "hubspot.token-unreadable": gettext_lazy(
            "The stored access token cannot be decrypted, because TOKEN_KEYS or SECRET_KEY "
            "changed. Put the old key back at the end of TOKEN_KEYS, or replace the access token."
        ),
        "hubspot.missing-scope": gettext_lazy(
            "The access token lacks a scope: %(scopes)s. Add it to the key in HubSpot, then test "
            "the connection."
        ),
        "hubspot.not-allowed": gettext_lazy(
            "HubSpot does not allow the access token to do this, and does not name a missing scope."
        ),
        "hubspot.daily-limit": gettext_lazy(
            "Today's HubSpot calls are used up, except for the tenth reserved for other "
            "integrations. Sending resumes at midnight in the portal's time zone."
        ),
        "hubspot.rate-limited": gettext_lazy(
            "HubSpot asks us to slow down. Try again in a minute."
        ),
        "hubspot.locked": gettext_lazy(
            "HubSpot is busy with these records. Try again in a minute."
        ),
        "hubspot.migrating": gettext_lazy(
            "HubSpot is moving this portal to another data center. Sending resumes afterwards."
        ),
        "hubspot.unreachable": gettext_lazy(
            "HubSpot cannot be reached. Check this machine's network and the host in "
            "HUBSPOT_API_URL."
        ),
        "hubspot.no-answer-in-time": ngettext_lazy(
            "HubSpot did not answer within %(seconds)d second. Try again.",
            "HubSpot did not answer within %(seconds)d seconds. Try again.",
            "seconds",
        ),
        "hubspot.refused": gettext_lazy("HubSpot refused this request."),
        "hubspot.server-error": gettext_lazy(
            "HubSpot had an error of its own. Try again in a few minutes."
        ),
        "hubspot.other-portal": gettext_lazy(
            "This access token belongs to HubSpot portal %(given)s, but portal %(connected)s is "
            "connected. Disconnect that one first."
        ),
        "hubspot.no-token": gettext_lazy("Enter an access token."),
        # Problems of a row of the mapping.
        "hubspot.property-unknown": gettext_lazy(
            "HubSpot has no contact property with the internal name “%(property)s”. This value is "
            "left out."
        ),
        "hubspot.property-read-only": gettext_lazy(
            "HubSpot does not let integrations write “%(label)s”. This value is left out."
        ),
        "hubspot.property-never": gettext_lazy(
            "“%(label)s” is never set by WebinarSync: HubSpot moves it forward only."
        ),
        "hubspot.property-number": gettext_lazy(
            "“%(label)s” accepts numbers only. Other values are left out."
        ),
        "hubspot.property-date": gettext_lazy(
            "“%(label)s” accepts dates only. Other values are left out."
        ),
        "hubspot.property-options": ngettext_lazy(
            "“%(label)s” accepts its %(count)d option only. Other values are left out.",
            "“%(label)s” accepts one of its %(count)d options only. Other values are left out.",
            "count",
        ),
        "hubspot.property-twice": gettext_lazy(
            "Another value is mapped to “%(label)s” too. Only the first one is sent."
        ),
        "hubspot.property-required": gettext_lazy(
            "HubSpot requires “%(label)s” of a new contact, and no value is mapped to it. Map one, "
            "or HubSpot refuses each new contact."
        ),
    }
)

Stored = tuple[str, dict[str, Any]]


def explain(error: HubSpotError) -> Stored:
    """Return the code and parameters of the sentence about `error`."""
    match error:
        case TokenRefused(code="UNREADABLE_TOKEN"):
            return "hubspot.token-unreadable", {}
        case TokenRefused(kind=TokenRefused.EXPIRED):
            return "hubspot.token-expired", {}
        case TokenRefused():
            return "hubspot.token-not-recognised", {}
        case MissingScope(scopes=scopes) if scopes:
            return "hubspot.missing-scope", {"scopes": ", ".join(scopes)}
        case MissingScope():
            return "hubspot.not-allowed", {}
        case RateLimited(policy="DAILY"):
            return "hubspot.daily-limit", {}
        case RateLimited():
            return "hubspot.rate-limited", {}
        case Locked():
            return "hubspot.locked", {}
        case Migrating():
            return "hubspot.migrating", {}
        case NoAnswerInTime(seconds=seconds):
            return "hubspot.no-answer-in-time", {"seconds": round(seconds)}
        case Unreachable():
            return "hubspot.unreachable", {}
        case RequestRefused():
            return "hubspot.refused", {}
        case _:
            return "hubspot.server-error", {}


def words_of(error: HubSpotError) -> str:
    """Return HubSpot's message for people; "" if it is misleading: of an unreadable token it says
    that it expired in 1970."""
    mangled = isinstance(error, TokenRefused) and error.kind == TokenRefused.NOT_RECOGNISED
    return "" if mangled else error.message


def as_stored(error: HubSpotError) -> dict[str, Any]:
    """Return the values of `error` for the columns of a `platforms.models.error.StoredError`."""
    code, params = explain(error)
    return {"error_code": code, "error_params": params, "platform_message": words_of(error)}


def sentence(error: HubSpotError) -> str:
    """Return the sentence about `error` in the current language."""
    return messages.text(*explain(error))


def sentence_with_words(error: HubSpotError) -> str:
    """Return the sentence about `error`, with HubSpot's message if it helps."""
    plain, words = sentence(error), words_of(error)
    if not words:
        return plain
    return _("%(plain)s In HubSpot's words: “%(words)s”") % {"plain": plain, "words": words}
