"""A sentence for every failure, that a marketer can act on, with the platform's message beside it.

The code and parameters of the sentence are stored; it is shown in the reader's language.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy, ngettext_lazy

from core import messages
from core.encryption import UnreadableSecret
from platforms.errors import (
    NoProduct,
    NoScope,
    NotAllowed,
    NotFound,
    PlatformError,
    RateLimited,
    ReauthorizationRequired,
    Unreachable,
)

# What a sync reads, by the names of its steps and of skipped rows.
READ = {
    "webinars": gettext_lazy("webinars"),
    "registrants": gettext_lazy("registrants"),
    "details": gettext_lazy("details of registrants"),
    "sessions": gettext_lazy("sessions"),
    "attendees": gettext_lazy("attendees"),
    "questions": gettext_lazy("questions"),
    "answers": gettext_lazy("polls and surveys"),
    "polls": gettext_lazy("polls"),
    "surveys": gettext_lazy("surveys"),
    "fields": gettext_lazy("fields of the form"),
    "panelists": gettext_lazy("panelists"),
    "coorganizers": gettext_lazy("co-organizers"),
    "speakers": gettext_lazy("speakers"),
    "form": gettext_lazy("form and seats"),
    "webhooks": gettext_lazy("webhooks"),
}


messages.register({f"read.{name}": label for name, label in READ.items()})
messages.register(
    {
        "platform.sign-in-needed": gettext_lazy(
            "GoToWebinar signed us out. The account has to be reconnected."
        ),
        "platform.no-product": gettext_lazy(
            "This GoTo account has no GoToWebinar, or no permission to use it. Sign in as "
            "a webinar organizer."
        ),
        "platform.no-scope": gettext_lazy(
            "The client in GoTo's portal lacks the scope of GoToWebinar (collab:). Add it there, "
            "then connect again."
        ),
        "platform.not-allowed": gettext_lazy(
            "GoToWebinar does not allow this to the connected account. Check that its organizer "
            "still owns the webinar."
        ),
        "platform.not-found": gettext_lazy(
            "GoToWebinar no longer has this webinar: it was probably deleted there. All "
            "its data is kept here."
        ),
        "platform.slow-down": gettext_lazy(
            "GoToWebinar asks us to slow down. The next run continues where this one stopped."
        ),
        "platform.unreachable": gettext_lazy(
            "GoToWebinar cannot be reached. The next run tries again; if this stays, check the "
            "network and the host in GOTO_API_URL."
        ),
        "platform.broken": gettext_lazy(
            "GoToWebinar returned an unexpected error. What was read before is kept; the "
            "next sync tries again."
        ),
        "platform.people-unread": ngettext_lazy(
            "GoToWebinar didn't return the details of %(count)d new person. Everything "
            "else is in sync; the next sync asks again.",
            "GoToWebinar didn't return the details of %(count)d new people. Everything "
            "else is in sync; the next sync asks again.",
            "count",
        ),
        "platform.steps-unreadable": gettext_lazy(
            "GoToWebinar returned an unexpected error for: %(lists)s. Everything else "
            "was read; the next sync asks again."
        ),
        "secret-unreadable": gettext_lazy(
            "A stored sign-in cannot be decrypted: TOKEN_KEYS (or SECRET_KEY) changed. Put the old "
            "key back at the end of TOKEN_KEYS, or connect GoToWebinar again."
        ),
        "unexpected": gettext_lazy(
            "An unexpected error happened here (%(name)s). Nothing was lost; the next run "
            "tries again. The operator finds the details in the worker's log."
        ),
        "webhooks.no-public-address": gettext_lazy(
            "GoToWebinar posts to public https addresses only. Set PUBLIC_URL to the https address "
            "of this installation."
        ),
        "webhooks.address-refused": gettext_lazy(
            "GoToWebinar did not accept the webhook URL. GoTo calls it first, from the "
            "internet: check whether a firewall blocks PUBLIC_URL."
        ),
        "webhooks.not-offered": gettext_lazy("GoToWebinar offers no webhooks to this account."),
    }
)

# The code for each kind of error; narrower kinds come first.
_CODES: tuple[tuple[type[PlatformError], str], ...] = (
    (ReauthorizationRequired, "platform.sign-in-needed"),
    (NoProduct, "platform.no-product"),
    (NoScope, "platform.no-scope"),
    (NotAllowed, "platform.not-allowed"),
    (NotFound, "platform.not-found"),
    (RateLimited, "platform.slow-down"),
    (Unreachable, "platform.unreachable"),
)


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong: the code and parameters of our sentence, and the platform's message (may be
    empty)."""

    code: str
    params: messages.Params = field(default_factory=dict)
    platform_message: str = ""

    @property
    def sentence(self) -> str:
        return messages.text(self.code, self.params)

    def __str__(self) -> str:
        return (
            f"{self.sentence} ({self.platform_message})" if self.platform_message else self.sentence
        )

    def columns(self) -> dict[str, Any]:
        """Return the values for the columns of a `StoredError`."""
        return {
            "error_code": self.code,
            "error_params": dict(self.params),
            "platform_message": self.platform_message,
        }


class PeopleUnread(Exception):
    """Everything else is synced, but the platform did not return the details of these
    registrants."""

    def __init__(self, unread: Mapping[str, PlatformError]) -> None:
        super().__init__()
        self.unread = unread


class StepsUnreadable(Exception):
    """Pages of these steps could not be read; all other steps of the run were done."""

    def __init__(self, errors: Mapping[str, PlatformError]) -> None:
        super().__init__()
        self.errors = errors


def explain(error: Exception) -> Problem:
    """Return what `error` means; an unexpected one is reported by its class name only."""
    if isinstance(error, PlatformError):
        code = next((code for kind, code in _CODES if isinstance(error, kind)), "platform.broken")
        platform_message = (
            f"{error.platform_message} (incident {error.incident})"
            if error.incident
            else error.platform_message
        )
        return Problem(code, platform_message=platform_message)
    if isinstance(error, PeopleUnread):
        first = next(iter(error.unread.values()))
        return Problem(
            "platform.people-unread", {"count": len(error.unread)}, first.platform_message
        )
    if isinstance(error, StepsUnreadable):
        lists = [messages.part(f"read.{step}") for step in error.errors]
        return Problem("platform.steps-unreadable", {"lists": lists})
    if isinstance(error, UnreadableSecret):
        return Problem("secret-unreadable")
    return Problem("unexpected", {"name": type(error).__name__})
