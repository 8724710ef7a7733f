"""The status of a registration in words, for the person who registered."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from webinars.models import Registration, Webinar
from webinars.waitlist import place_of

State = Registration.State

# Seconds until the page refreshes while the platform has not responded yet.
_SOON, _LATER, _WAITING = 2, 20, 60


@dataclass(frozen=True, slots=True)
class Outcome:
    """A title, sentences below it, and a tone (good, waiting, bad).

    `join_url` is there for its owner only; `platform_message` is the platform's own text;
    `look_again` is in seconds.
    """

    title: str
    sentences: list[str]
    tone: str = "good"
    join_url: str = ""
    platform_message: str = ""
    look_again: int | None = None
    try_again: bool = False


def outcome_of(
    registration: Registration, *, created_by_form: bool, status_hidden: bool = False
) -> Outcome:
    """Return the status of `registration`; `created_by_form` if the submission shown has created
    it.

    With `status_hidden`, the answer is the same whether the person was registered before or not.
    """
    if status_hidden:
        return _status_hidden()
    if registration.state == State.REGISTERED:
        return _registered(registration.join_url) if created_by_form else _known()
    return {
        State.PENDING: _pending,
        State.AWAITING: _awaiting,
        State.DENIED: _denied,
        State.OVERFLOW: _overflow,
        State.REJECTED: _rejected,
    }[State(registration.state)](registration)


def _registered(join_url: str) -> Outcome:
    mailed = _("GoToWebinar emails you the same link. Don't share it.")
    if not join_url:
        mailed = _("GoToWebinar emails you your personal join link.")
    return Outcome(_("You are registered"), [mailed], join_url=join_url)


def _status_hidden() -> Outcome:
    return Outcome(
        _("We have what you sent"),
        [
            _("GoToWebinar emails the join link to this address as soon as a seat is available."),
            _(
                "Many registrations came from your network in a short time, so no details are "
                "shown here. If you get no email within an hour, please register again."
            ),
        ],
    )


def _known() -> Outcome:
    return Outcome(
        _("You are already registered"),
        [
            _("You're all set."),
            _(
                "The join link is in the email that GoToWebinar sent to this address. For "
                "your security it is not shown here."
            ),
        ],
    )


def _pending(registration: Registration) -> Outcome:
    if registration.push_attempts < 2:
        sentences = [_("We have your registration and are passing it on to GoToWebinar.")]
        return Outcome(_("One moment…"), sentences, "waiting", look_again=_SOON)
    return Outcome(
        _("We have your registration"),
        [
            _(
                "GoToWebinar does not respond right now. We keep trying; you don't need to do "
                "anything."
            ),
            _("You can close this page. Bookmark it to check your status later."),
        ],
        "waiting",
        look_again=_LATER,
    )


def _awaiting(registration: Registration) -> Outcome:
    return Outcome(
        _("The organizer has your registration"),
        [_("Registrations are approved by hand. GoToWebinar writes to you when this is done.")],
        "waiting",
    )


def _denied(registration: Registration) -> Outcome:
    return Outcome(
        _("The organizer did not approve this registration"),
        [_("If you think that this is a mistake, write to the organizer.")],
        "bad",
    )


def _overflow(registration: Registration) -> Outcome:
    place = place_of(registration)
    return Outcome(
        _("You're on the waiting list (no. %(place)d)") % {"place": place},
        [
            _("You don't need to register again."),
            waiting_list_promise(registration.webinar),
            _("You can close this page. Bookmark it to check your status later."),
        ],
        "waiting",
        look_again=_WAITING,
    )


def waiting_list_promise(webinar: Webinar) -> str:
    """Return what becomes of seats that get free, as it is switched on at the webinar."""
    if webinar.auto_promote:
        return _(
            "Free seats go to those who have waited longest, and GoToWebinar emails them their "
            "join link."
        )
    return _(
        "The organizer may still admit people from the waiting list; GoToWebinar then emails them "
        "their join link."
    )


def _rejected(registration: Registration) -> Outcome:
    return Outcome(
        _("GoToWebinar did not accept this registration"),
        [registration.problem] if registration.problem else [],
        "bad",
        platform_message=registration.platform_message,
        try_again=True,
    )
