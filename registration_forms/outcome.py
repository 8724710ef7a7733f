"""What became of a registration, in words for the person who registered."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from webinars.models import Registration
from webinars.waitlist import place_of

State = Registration.State

# Seconds until the page looks again by itself, while the platform has not answered yet.
_SOON, _LATER, _WAITING = 2, 20, 60


@dataclass(frozen=True, slots=True)
class Outcome:
    """A title, sentences below it, and a tone (good, waiting, bad).

    `join_url` is there for its owner only; `words` are the platform's own; `look_again` in seconds.
    """

    title: str
    sentences: list[str]
    tone: str = "good"
    join_url: str = ""
    words: str = ""
    look_again: int | None = None
    try_again: bool = False


def outcome_of(
    registration: Registration, *, created_by_form: bool, status_hidden: bool = False
) -> Outcome:
    """Return how `registration` stands; `created_by_form` where it came to be by the posting looked
    at.

    Where `status_hidden`, the answer is the same for everybody, registered before or not.
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
    mailed = _("GoToWebinar sends you the same link by e-mail. It is yours alone: keep it.")
    if not join_url:
        mailed = _("GoToWebinar sends your own link to take part by e-mail.")
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
            _("Nothing has to be done."),
            _(
                "The link to take part is in the e-mail that GoToWebinar sent to this address. "
                "For your safety it is not shown here."
            ),
        ],
    )


def _pending(registration: Registration) -> Outcome:
    if registration.push_attempts < 2:
        said = [_("We have your registration and are passing it on to GoToWebinar.")]
        return Outcome(_("One moment…"), said, "waiting", look_again=_SOON)
    return Outcome(
        _("We have your registration"),
        [
            _("GoToWebinar does not answer right now. We keep trying: you need not do anything."),
            _("You can close this page; its address shows you later how things stand."),
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
        _("This webinar is full; you are on the waiting list as number %(place)d")
        % {"place": place},
        [
            _(
                "You need not register again. When a seat is free, those who have waited longest "
                "get it, and GoToWebinar sends them their link by e-mail."
            ),
            _("You can close this page; its address shows you later how things stand."),
        ],
        "waiting",
        look_again=_WAITING,
    )


def _rejected(registration: Registration) -> Outcome:
    return Outcome(
        _("GoToWebinar did not take this registration"),
        [registration.problem] if registration.problem else [],
        "bad",
        words=registration.platform_message,
        try_again=True,
    )
