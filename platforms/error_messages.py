"""Every failure as one sentence that a marketer can act on, with GoTo's own words beside it."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.encryption import UnreadableSecret
from platforms.gotowebinar import (
    GoToError,
    NoProduct,
    NoScope,
    NotAllowed,
    NotFound,
    SignInNeeded,
    SlowDown,
    Unreachable,
)

# What a sync reads, by the names of its steps and of what was skipped.
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


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong: our sentence, and GoTo's words (may be empty)."""

    sentence: str
    words: str = ""

    def __str__(self) -> str:
        return f"{self.sentence} ({self.words})" if self.words else self.sentence


class PeopleUnread(Exception):
    """Everything else is level, but GoTo did not give the details of these registrants."""

    def __init__(self, unread: Mapping[str, GoToError]) -> None:
        super().__init__()
        self.unread = unread


class StepsUnreadable(Exception):
    """Pages of these steps could not be read; every other step of the run was done."""

    def __init__(self, errors: Mapping[str, GoToError]) -> None:
        super().__init__()
        self.errors = errors


def explain(error: Exception) -> Problem:
    """Return `error` in words; an error that is none of GoTo's is named, never shown raw."""
    if isinstance(error, GoToError):
        words = error.words
        if error.incident:
            words = _("%(words)s (incident %(incident)s)") % {
                "words": words,
                "incident": error.incident,
            }
        return Problem(_sentence(error), words)
    if isinstance(error, PeopleUnread):
        first = next(iter(error.unread.values()))
        sentence = ngettext(
            "GoToWebinar did not give the details of %(count)d new person. Everything else is "
            "level; the next run asks for that person again.",
            "GoToWebinar did not give the details of %(count)d new people. Everything else is "
            "level; the next run asks for them again.",
            len(error.unread),
        )
        return Problem(sentence % {"count": len(error.unread)}, first.words)
    if isinstance(error, StepsUnreadable):
        lists = ", ".join(str(READ.get(step, step)) for step in error.errors)
        return Problem(
            _(
                "GoToWebinar gave an answer that makes no sense when asked for: %(lists)s. "
                "Everything else was read; the next run asks again."
            )
            % {"lists": lists}
        )
    if isinstance(error, UnreadableSecret):
        return Problem(str(error))
    return Problem(
        _(
            "Something unexpected happened here (%(name)s). Nothing already known is lost; the "
            "next run tries again. The operator finds the details in the worker's log."
        )
        % {"name": type(error).__name__}
    )


def _sentence(error: GoToError) -> str:
    """Return the plain sentence for a kind of error; the narrower kinds come first."""
    if isinstance(error, SignInNeeded):
        return _("GoToWebinar no longer accepts our sign-in. Ask the operator to connect it again.")
    if isinstance(error, NoProduct):
        return _(
            "This GoTo account has no GoToWebinar, or not the right to use it. Sign in as an "
            "organizer of webinars."
        )
    if isinstance(error, NoScope):
        return _(
            "The client in GoTo's portal lacks the scope of GoToWebinar (collab:). Add it there, "
            "then connect again."
        )
    if isinstance(error, NotAllowed):
        return _(
            "GoToWebinar does not allow this to the connected account. Check that its organizer "
            "still owns the webinar."
        )
    if isinstance(error, NotFound):
        return _(
            "GoToWebinar does not know this webinar any more: it was probably deleted there. "
            "Everything known about it stays here."
        )
    if isinstance(error, SlowDown):
        return _("GoToWebinar asks us to slow down. The next run continues where this one stopped.")
    if isinstance(error, Unreachable):
        return _(
            "GoToWebinar cannot be reached. The next run tries again; if this stays, check the "
            "network and the host in GOTO_API_URL."
        )
    return _(
        "GoToWebinar gave an answer that makes no sense. What was read before it is kept; the "
        "next run tries again."
    )
