"""Answers as GoTo sends them, field by field (its contract, REST API v2).

Only what a record cannot do without is required: an optional field that is missing or null is no
reason to lose a person.
"""

from typing import Annotated

from msgspec import Meta, Struct, field

# A thing is known by its key, so an empty one is none; no 64-bit number is longer.
Key = int | Annotated[str, Meta(min_length=1, max_length=32)]
AnyKey = int | str
Text = str | None


class Page(Struct):
    totalElements: int = 0
    totalPages: int = 0
    number: int = 0


class Range(Struct):
    startTime: str
    endTime: str


class Webinar(Struct):
    webinarKey: Key
    subject: Text = None
    description: Text = None
    webinarID: AnyKey | None = None
    organizerKey: AnyKey | None = None
    accountKey: AnyKey | None = None
    times: list[Range] | None = None
    timeZone: Text = None
    locale: Text = None
    registrationUrl: Text = None
    approvalType: Text = None
    recurrenceType: Text = None
    experienceType: Text = None
    recurrenceKey: AnyKey | None = None


class Webinars(Struct):
    webinars: list[Webinar]


class WebinarsPage(Struct):
    page: Page
    embedded: Webinars | None = field(name="_embedded", default=None)


class WebinarDetails(Struct):
    webinarKey: Key
    numberOfRegistrants: int
    registrationLimit: int
    subject: Text = None
    description: Text = None
    times: list[Range] | None = None
    timeZone: Text = None
    organizerName: Text = None
    registrationUrl: Text = None
    inSession: bool | None = None


class Registrant(Struct):
    registrantKey: Key
    email: Text = None
    firstName: Text = None
    lastName: Text = None
    registrationDate: Text = None
    status: Text = None
    joinUrl: Text = None
    timeZone: Text = None


class RegistrantsPage(Struct):
    data: list[Registrant]
    total: int


class CustomAnswer(Struct):
    question: Text = None
    answer: Text = None


class RegistrantDetails(Registrant):
    source: Text = None
    organization: Text = None
    jobTitle: Text = None
    industry: Text = None
    phone: Text = None
    address: Text = None
    city: Text = None
    state: Text = None
    zipCode: AnyKey | None = None
    country: Text = None
    unsubscribed: bool | str | None = None
    responses: list[CustomAnswer] | None = None


class Choice(Struct):
    answerKey: Key
    answer: Text = None


class FieldOfForm(Struct):
    field: str
    required: bool = False
    maxSize: int = 0
    answers: list[str] | None = None


class QuestionOfForm(Struct):
    questionKey: Key
    question: str
    required: bool = False
    type: str = "shortAnswer"
    maxSize: int = 0
    answers: list[Choice] | None = None


class FieldsOfForm(Struct):
    fields: list[FieldOfForm]
    questions: list[QuestionOfForm]


class Session(Struct):
    sessionKey: Key
    startTime: str
    endTime: str
    webinarKey: AnyKey | None = None
    totalPollCount: int | None = None
    registrantsAttended: int | None = None
    registrantCount: int | None = None


class Sessions(Struct):
    sessionInfoResources: list[Session]


class SessionsPage(Struct):
    page: Page
    embedded: Sessions | None = field(name="_embedded", default=None)


class Interval(Struct):
    joinTime: str
    leaveTime: str


class Attendee(Struct):
    registrantKey: Key
    sessionKey: Key
    email: Text = None
    firstName: Text = None
    lastName: Text = None
    attendanceTimeInSeconds: int | None = None
    attendance: list[Interval] | None = None


class Attendees(Struct):
    attendeeParticipationResponses: list[Attendee]


class AttendeesPage(Struct):
    page: Page
    embedded: Attendees | None = field(name="_embedded", default=None)


class QuestionAnswer(Struct):
    answer: Text = None
    answeredBy: Text = None
    answererRole: Text = None
    answerTime: Text = None


class Question(Struct):
    question: str
    askerKey: AnyKey
    dateAsked: str
    askedBy: Text = None
    answers: list[QuestionAnswer] | None = None


class PollAnswer(Struct):
    question: str
    answer: Text = None
    answers: list[str] | None = None


class Created(Struct):
    registrantKey: Key
    joinUrl: Text = None
    status: Text = None


class Token(Struct):
    access_token: str
    expires_in: int = 3600
    refresh_token: Text = None
    organizer_key: AnyKey | None = None
    account_key: AnyKey | None = None
    principal: Text = None
    scope: Text = None


class IdentityMe(Struct):
    id: Key
    userName: Text = None


class AdminMe(Struct):
    key: Key
    accountKey: AnyKey | None = None
    email: Text = None


class SecretKey(Struct):
    value: Annotated[str, Meta(min_length=1)]
    id: AnyKey | None = None


class Webhook(Struct):
    webhookKey: Key
    eventName: Text = None
    callbackUrl: Text = None
    state: Text = None


class Webhooks(Struct):
    webhooks: list[Webhook]


class WebhooksPage(Struct):
    embedded: Webhooks | None = field(name="_embedded", default=None)


class Subscription(Struct):
    userSubscriptionKey: Key
    webhookKey: Key
    userSubscriptionState: Text = None


class Subscriptions(Struct):
    userSubscriptions: list[Subscription]


class SubscriptionsPage(Struct):
    embedded: Subscriptions | None = field(name="_embedded", default=None)


class Complaint(Struct):
    """Every shape of error body met in the wild, in any mix (docs/gotowebinar.md)."""

    errorCode: Text = None
    int_err_code: Text = None
    error: Text = None
    description: Text = None
    msg: Text = None
    message: Text = None
    error_description: Text = None
    incident: AnyKey | None = None
    registrantKey: AnyKey | None = None
    invalidFields: list[object] | None = None
