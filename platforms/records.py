"""Data exchanged with a platform, as plain records.

Keys are texts of 1 to LONGEST_KEY characters; times are aware and in UTC. Fields have our names
(`contacts.models.PROPERTIES`, `EXTRA_NAMES`), if we have one.
"""

import datetime as dt
import enum

import msgspec

LONGEST_KEY = 255
# Fields of a form that are no property of a contact.
EXTRA_NAMES = ("employees", "purchasing_time_frame", "purchasing_role", "comments")
# The type of a registration made after the webinar, for its recording.
LATE = "LATE"


# The values of `Webinar.recurrence_type` and `experience_type` with a meaning here; others are only
# shown.
SERIES = "series"
SIMULATED_LIVE = "SIMULIVE"


class RegistrantStatus(enum.StrEnum):
    """The organizer's decision about a registrant."""

    APPROVED = "approved"
    AWAITING = "awaiting"
    DENIED = "denied"


class Approval(enum.StrEnum):
    """Whether the organizer approves registrants."""

    AUTOMATIC = "automatic"
    MANUAL = "manual"


class EventName(enum.StrEnum):
    """The kinds of webhook events."""

    REGISTRANT_ADDED = "registrant.added"
    REGISTRANT_JOINED = "registrant.joined"
    WEBINAR_CREATED = "webinar.created"
    WEBINAR_CHANGED = "webinar.changed"
    SURVEY_SUBMITTED = "survey.submitted"


class Token(msgspec.Struct, frozen=True):
    """A response of the token endpoint; its repr shows no secret."""

    access_token: str
    expires_in: int
    refresh_token: str | None = None
    organizer_key: str | None = None
    account_key: str | None = None
    principal: str | None = None
    scope: str = ""

    def __repr__(self) -> str:
        return f"Token(principal={self.principal!r}, expires_in={self.expires_in})"


class Me(msgspec.Struct, frozen=True):
    """The user of a token."""

    organizer_key: str
    account_key: str | None = None
    email: str | None = None


class TimeRange(msgspec.Struct, frozen=True):
    start: dt.datetime
    end: dt.datetime


class Webinar(msgspec.Struct, frozen=True):
    """A webinar in the organizer's list."""

    key: str
    webinar_id: str
    organizer_key: str
    account_key: str
    subject: str
    description: str
    times: tuple[TimeRange, ...]
    time_zone: str
    locale: str
    registration_url: str
    approval_type: Approval
    recurrence_type: str
    experience_type: str
    recurrence_key: str | None
    on_demand: bool = False


class WebinarDetails(msgspec.Struct, frozen=True):
    """The details of a webinar, which only this response has: its numbers of seats."""

    key: str
    subject: str
    description: str
    times: tuple[TimeRange, ...]
    time_zone: str
    organizer_name: str
    registration_url: str
    in_session: bool
    number_of_registrants: int
    registration_limit: int

    @property
    def is_full(self) -> bool:
        """Whether no more registrants are accepted. A limit of 0 means no limit."""
        return 0 < self.registration_limit <= self.number_of_registrants


class Registrant(msgspec.Struct, frozen=True):
    """A registrant in the list."""

    key: str
    first_name: str
    last_name: str
    email: str
    registered_at: dt.datetime
    status: RegistrantStatus
    join_url: str
    time_zone: str


class Answer(msgspec.Struct, frozen=True):
    question: str
    answer: str


class RegistrantDetails(msgspec.Struct, frozen=True):
    """The details of a registrant; `properties` and `extras` (of EXTRA_NAMES, and
    `registration_type` LATE) have only non-empty values.

    `unsubscribed`: opted out of the organizer's emails; None if the platform does not say.
    `by_event`: from an event, which lacks some of the details.
    """

    registrant: Registrant
    properties: dict[str, str]
    source: str
    answers: tuple[Answer, ...]
    unsubscribed: bool | None = None
    extras: dict[str, str] = {}
    by_event: bool = False


class RegistrationField(msgspec.Struct, frozen=True):
    """A field of a form. `name` is ours, or the platform's if we have none; `max_size` is 0 for any
    length, and `answers` are empty for free text."""

    name: str
    required: bool
    max_size: int
    answers: tuple[str, ...]


class RegistrationQuestion(msgspec.Struct, frozen=True):
    """A custom question; `answers` are (key, text) of a multiple choice."""

    key: str
    question: str
    required: bool
    kind: str
    max_size: int
    answers: tuple[tuple[str, str], ...]


class RegistrationFields(msgspec.Struct, frozen=True):
    fields: tuple[RegistrationField, ...]
    questions: tuple[RegistrationQuestion, ...]
    # Rows that could not be read.
    skipped: int = 0


class Speaker(msgspec.Struct, frozen=True):
    """A panelist or co-organizer of a webinar."""

    email: str
    name: str


class Session(msgspec.Struct, frozen=True):
    """One session of a webinar."""

    key: str
    webinar_key: str
    started_at: dt.datetime
    ended_at: dt.datetime
    poll_count: int
    # The number of attendees by the platform: its report is complete when it lists as many.
    attended: int


class Interval(msgspec.Struct, frozen=True):
    joined_at: dt.datetime
    left_at: dt.datetime


class Attendee(msgspec.Struct, frozen=True):
    """A registrant's attendance of a session; several intervals if they left and came back."""

    registrant_key: str
    session_key: str
    email: str
    first_name: str
    last_name: str
    seconds: int
    intervals: tuple[Interval, ...]


class QuestionAnswer(msgspec.Struct, frozen=True):
    answer: str
    answered_by: str
    role: str
    answered_at: dt.datetime | None


class Question(msgspec.Struct, frozen=True):
    """A question of a session's Q&A; `asker_key` is a registrant's key."""

    asker_key: str
    asked_by: str
    question: str
    asked_at: dt.datetime
    answers: tuple[QuestionAnswer, ...]


class PollSummary(msgspec.Struct, frozen=True):
    """A question of a poll or a survey, and the number of answers, with or without a name."""

    question: str
    responses: int


class PollAnswer(msgspec.Struct, frozen=True):
    """One attendee's answers to a question of a poll or a survey."""

    question: str
    answers: tuple[str, ...]


class NewAnswer(msgspec.Struct, frozen=True):
    """An answer to a custom question: the key of a choice, or a text."""

    question_key: str
    choice_key: str = ""
    text: str = ""


class NewRegistrant(msgspec.Struct, frozen=True):
    """A person to register. `properties` have the names of RegistrationField."""

    first_name: str
    last_name: str
    email: str
    properties: dict[str, str] = {}
    source: str = ""
    answers: tuple[NewAnswer, ...] = ()


class Created(msgspec.Struct, frozen=True):
    """The response to a registration; it may lack a status."""

    registrant_key: str
    join_url: str
    status: RegistrantStatus | None = None


class SecretKey(msgspec.Struct, frozen=True):
    """The signing key of webhooks; its repr shows no secret."""

    id: str
    value: str

    def __repr__(self) -> str:
        return f"SecretKey(id={self.id!r})"


class Webhook(msgspec.Struct, frozen=True):
    """A webhook: where one kind of event is posted."""

    key: str
    event: str
    callback_url: str
    active: bool


class Subscription(msgspec.Struct, frozen=True):
    """A subscription of one user's events to a webhook."""

    key: str
    webhook_key: str
    active: bool


class Event(msgspec.Struct, frozen=True):
    """A webhook event. Keys are "" if the event has none; only a registration has `details`, the
    whole record."""

    key: str
    name: EventName
    at: dt.datetime
    webinar_key: str = ""
    registrant_key: str = ""
    session_key: str = ""
    email: str = ""
    details: RegistrantDetails | None = None
