"""GoTo's responses field by field (its contract, REST API v2).

Only indispensable fields are required: a missing or null optional field is no reason to lose a
person.
"""

from typing import Annotated, Any, Generic, TypeVar

from msgspec import Meta, Struct, field

# A key identifies a thing, so an empty one is invalid; no 64-bit number is longer.
Key = int | Annotated[str, Meta(min_length=1, max_length=32)]
AnyKey = int | str
Text = str | None
# The range of a database's integers.
Count = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Row = TypeVar("Row")


class Page(Struct):
    totalElements: int | None = None
    totalPages: int | None = None


class EmbeddedPage(Struct, Generic[Row]):
    """A page of most lists; `_embedded` has one list, by the name of its items."""

    embedded: dict[str, list[Row]] | None = field(name="_embedded", default=None)
    page: Page | None = None


class NumberedPage(Struct, Generic[Row]):
    """A page of registrants."""

    data: list[Row]
    total: int


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
    isOndemand: bool | str | None = None


class WebinarDetails(Struct):
    webinarKey: Key
    numberOfRegistrants: Count
    registrationLimit: Count
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
    numberOfEmployees: AnyKey | None = None
    employeeCount: AnyKey | None = None
    purchasingRole: Text = None
    purchasingTimeFrame: Text = None
    implementationTimeFrame: Text = None
    questionsAndComments: Text = None
    comments: Text = None
    type: Text = None
    unsubscribed: bool | str | None = None
    responses: list[CustomAnswer] | None = None


class Choice(Struct):
    answerKey: Key
    answer: Text = None


class FieldOfForm(Struct):
    field: str
    required: bool = False
    maxSize: Count = 0
    answers: list[str] | None = None


class QuestionOfForm(Struct):
    questionKey: Key
    question: str
    required: bool = False
    type: str = "shortAnswer"
    maxSize: Count = 0
    answers: list[Choice] | None = None


class FieldsOfForm(Struct):
    # Decoded row by row.
    fields: list[Any]
    questions: list[Any]


class Panelist(Struct):
    email: str
    name: Text = None
    firstName: Text = None
    lastName: Text = None


class Coorganizer(Struct):
    """# An external panelist may have no surname (contract)."""

    email: str
    givenName: Text = None
    surname: Text = None


class Session(Struct):
    sessionKey: Key
    startTime: str
    endTime: str
    webinarKey: AnyKey | None = None
    totalPollCount: Count | None = None
    registrantsAttended: Count | None = None


class Interval(Struct):
    joinTime: str
    leaveTime: str


class Attendee(Struct):
    registrantKey: Key
    sessionKey: Key
    email: Text = None
    firstName: Text = None
    lastName: Text = None
    attendanceTimeInSeconds: Count | None = None
    attendance: list[Interval] | None = None


class QuestionAnswer(Struct):
    answer: Text = None
    answeredBy: Text = None
    answererRole: Text = None
    answerTime: Text = None


class Question(Struct):
    question: str
    askerKey: Key
    dateAsked: str
    askedBy: Text = None
    answers: list[QuestionAnswer] | None = None


class PollSummary(Struct):
    question: str
    numberOfResponses: Count | None = None


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


class Subscription(Struct):
    userSubscriptionKey: Key
    webhookKey: Key
    userSubscriptionState: Text = None


class Complaint(Struct):
    """Every shape of error body seen so far, in any combination (docs/gotowebinar.md)."""

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
