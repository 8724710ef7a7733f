"""The GoToWebinar API client: pure Python, a room of its own (docs/gotowebinar.md)."""

from webinars.gotowebinar.client import Budget, Client, TokenSource
from webinars.gotowebinar.errors import (
    AlreadyRegistered,
    GoToBroken,
    GoToError,
    NotAllowed,
    NotFound,
    Refused,
    SignInNeeded,
    SlowDown,
    Unreachable,
)
from webinars.gotowebinar.hosts import Hosts
from webinars.gotowebinar.records import (
    Attendee,
    Created,
    Interval,
    NewRegistrant,
    PollAnswer,
    Question,
    Registrant,
    RegistrantDetails,
    Session,
    Token,
    Webinar,
    WebinarDetails,
)
from webinars.gotowebinar.retrying import Patience
from webinars.gotowebinar.signin import refresh, who_am_i

__all__ = [
    "AlreadyRegistered",
    "Attendee",
    "Budget",
    "Client",
    "Created",
    "GoToBroken",
    "GoToError",
    "Hosts",
    "Interval",
    "NewRegistrant",
    "NotAllowed",
    "NotFound",
    "Patience",
    "PollAnswer",
    "Question",
    "Refused",
    "Registrant",
    "RegistrantDetails",
    "Session",
    "SignInNeeded",
    "SlowDown",
    "Token",
    "TokenSource",
    "Unreachable",
    "Webinar",
    "WebinarDetails",
    "refresh",
    "who_am_i",
]
