"""What GoToWebinar tells and is told, as plain records.

Keys are strings whatever GoTo sends (they are 64-bit integers, at times as text); times are aware
and in UTC.
"""

import datetime as dt

import msgspec


class Token(msgspec.Struct, frozen=True):
    """An answer of the token endpoint; its repr shows no secret."""

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
    """Who a token speaks for."""

    organizer_key: str
    account_key: str | None = None
    email: str | None = None


class TimeRange(msgspec.Struct, frozen=True):
    start: dt.datetime
    end: dt.datetime


class Webinar(msgspec.Struct, frozen=True):
    """A webinar as the organizer's list has it."""

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
    approval_type: str
    recurrence_type: str
    experience_type: str
    recurrence_key: str | None
    on_demand: bool = False


class WebinarDetails(msgspec.Struct, frozen=True):
    """A webinar asked for alone: only this answer has the numbers of its seats."""

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
        """No more registrants are taken. A limit of 0 would say that nobody ever was: no limit."""
        return 0 < self.registration_limit <= self.number_of_registrants


class Registrant(msgspec.Struct, frozen=True):
    """A registrant as the list has it. `status` is APPROVED, WAITING or DENIED."""

    key: str
    first_name: str
    last_name: str
    email: str
    registered_at: dt.datetime
    status: str
    join_url: str
    time_zone: str


class Answer(msgspec.Struct, frozen=True):
    question: str
    answer: str


class RegistrantDetails(msgspec.Struct, frozen=True):
    """A registrant asked for alone; `properties` and `extras` (of EXTRA_NAMES, and
    `registration_type` LATE) by our names, only those that were given.

    `unsubscribed`: opted out of the organizer's emails; None where the platform does not say.
    `by_event`: told by an event, which has not all that the registrant asked for alone has.
    """

    registrant: Registrant
    properties: dict[str, str]
    source: str
    answers: tuple[Answer, ...]
    unsubscribed: bool | None = None
    extras: dict[str, str] = {}
    by_event: bool = False


class RegistrationField(msgspec.Struct, frozen=True):
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
    """One time a webinar ran."""

    key: str
    webinar_key: str
    started_at: dt.datetime
    ended_at: dt.datetime
    poll_count: int
    # How many attended, as the platform counts them: its report is complete when it lists as many.
    attended: int


class Interval(msgspec.Struct, frozen=True):
    joined_at: dt.datetime
    left_at: dt.datetime


class Attendee(msgspec.Struct, frozen=True):
    """One registrant in one session; several intervals when they left and came back."""

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
    """A question of a poll or a survey, and how many answered it, by name or not."""

    question: str
    responses: int


class PollAnswer(msgspec.Struct, frozen=True):
    """One attendee's answers to a question of a poll or a survey."""

    question: str
    answers: tuple[str, ...]


class NewRegistrant(msgspec.Struct, frozen=True):
    """Somebody to register. `properties` by our names (or GoTo's, of a field that we have no name
    for); `answers` are (question key, {"responseText" | "answerKey": …})."""

    first_name: str
    last_name: str
    email: str
    properties: dict[str, str] = {}
    source: str = ""
    answers: tuple[tuple[str, dict[str, str]], ...] = ()


class Created(msgspec.Struct, frozen=True):
    """GoTo's answer to a registration; it does not always tell a status."""

    registrant_key: str
    join_url: str
    status: str | None = None


class SecretKey(msgspec.Struct, frozen=True):
    """What GoTo signs its webhooks with; its repr shows no secret."""

    id: str
    value: str

    def __repr__(self) -> str:
        return f"SecretKey(id={self.id!r})"


class Webhook(msgspec.Struct, frozen=True):
    """Where GoTo posts one kind of event."""

    key: str
    event: str
    callback_url: str
    active: bool


class Subscription(msgspec.Struct, frozen=True):
    """That one user's events go to a webhook."""

    key: str
    webhook_key: str
    active: bool


# Our names of the optional properties, and GoTo's.
PROPERTY_NAMES = {
    "organization": "organization",
    "job_title": "jobTitle",
    "industry": "industry",
    "phone": "phone",
    "address": "address",
    "city": "city",
    "state": "state",
    "zip_code": "zipCode",
    "country": "country",
}

# Standard fields of GoTo's form that are no property of a contact.
EXTRA_NAMES = {
    "employees": "numberOfEmployees",
    "purchasing_time_frame": "purchasingTimeFrame",
    "purchasing_role": "purchasingRole",
    "comments": "questionsAndComments",
}
# The type of a registration that was made after the webinar, for its recording.
LATE = "LATE"
# Where a registrant's details have them under another name, or a webhook has.
OTHER_EXTRA_NAMES = {
    "employees": "employeeCount",
    "purchasing_time_frame": "implementationTimeFrame",
    "comments": "comments",
}
