"""Parse responses. Pure functions from status, headers and body to records or errors.

A list is parsed row by row: an unreadable row is skipped and counted (`rows`). Only errors of
`platforms.errors` are raised.
"""

import datetime as dt

from platforms import records as r
from platforms.errors import ReauthorizationRequired, Unreadable
from platforms.gotowebinar import field_names, rows, schemas
from platforms.gotowebinar.addresses import normalized, normalized_or_none
from platforms.gotowebinar.answer import Answer as Answer
from platforms.gotowebinar.decoder import (
    read,
    read_array,
    read_embedded,
    read_exactly,
    read_numbered,
)
from platforms.gotowebinar.error_responses import error_of
from platforms.gotowebinar.rows import Rows
from platforms.gotowebinar.statuses import approval_of, status_of
from platforms.gotowebinar.web_links import web_link

LONGEST_KEY = 32
LONGEST_EMAIL = 254
_YEARS = range(2000, 2101)

# -- small parts -----------------------------------------------------------------------------------


def _key(value: int | str | None) -> str:
    return "" if value is None else str(value)


def _own_key(value: int | str) -> str:
    """Return the key of a thing. Raises ValueError for one that is too long."""
    key = str(value)
    if len(key) > LONGEST_KEY:
        raise ValueError("the key is too long")
    return key


def _time_or_none(text: str | None) -> dt.datetime | None:
    try:
        return _time(text) if text else None
    except (ValueError, OverflowError):
        return None


def _time(text: str) -> dt.datetime:
    """Return an aware time in UTC. Raises ValueError, also for a time before there were
    webinars."""
    moment = dt.datetime.fromisoformat(text)
    if moment.tzinfo is not dt.UTC:
        moment = moment.astimezone(dt.UTC) if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    if moment.year not in _YEARS:
        raise ValueError("no time of a webinar")
    return moment


def _times(ranges: list[schemas.Range] | None) -> tuple[r.TimeRange, ...]:
    found = [(_time_or_none(item.startTime), _time_or_none(item.endTime)) for item in ranges or ()]
    return tuple(r.TimeRange(start, end) for start, end in found if start and end)


# -- sign-in ---------------------------------------------------------------------------------------


def token(answer: Answer) -> r.Token:
    """Return the token. Raises ReauthorizationRequired if GoTo refuses the refresh token or the
    client."""
    if answer.status in (400, 401, 403):
        error = error_of(answer)
        raise ReauthorizationRequired(
            error.platform_message, status=error.status, code=error.code, incident=error.incident
        )
    try:
        return read_exactly(answer, schemas.Token, _token)
    except Unreadable:
        raise Unreadable("The answer to our sign-in is no token.", status=answer.status) from None


def _token(w: schemas.Token) -> r.Token:
    if not w.access_token:
        raise ValueError("no access token")
    return r.Token(
        access_token=w.access_token,
        expires_in=max(0, min(w.expires_in, 366 * 86400)),
        refresh_token=w.refresh_token,
        organizer_key=_key(w.organizer_key) or None,
        account_key=_key(w.account_key) or None,
        principal=normalized_or_none(w.principal),
        scope=w.scope or "",
    )


def identity(answer: Answer) -> r.Me:
    return read(
        answer, schemas.IdentityMe, lambda w: r.Me(_key(w.id), None, normalized_or_none(w.userName))
    )


def admin(answer: Answer) -> r.Me:
    return read(
        answer,
        schemas.AdminMe,
        lambda w: r.Me(_key(w.key), _key(w.accountKey) or None, normalized_or_none(w.email)),
    )


# -- webinars --------------------------------------------------------------------------------------


def webinars(answer: Answer) -> tuple[Rows[r.Webinar], int | None]:
    """Return a page of webinars and the number of pages (None if it is missing)."""
    return read_embedded(answer, schemas.Webinar, _webinar, "webinars")


def _webinar(w: schemas.Webinar) -> r.Webinar:
    return r.Webinar(
        key=_own_key(w.webinarKey),
        webinar_id=_key(w.webinarID),
        organizer_key=_key(w.organizerKey),
        account_key=_key(w.accountKey),
        subject=w.subject or "",
        description=w.description or "",
        times=_times(w.times),
        time_zone=w.timeZone or "UTC",
        locale=w.locale or "",
        registration_url=web_link(w.registrationUrl),
        approval_type=approval_of(w.approvalType),
        recurrence_type=w.recurrenceType or "",
        experience_type=w.experienceType or "",
        recurrence_key=_key(w.recurrenceKey) or None,
        on_demand=str(w.isOndemand).casefold() == "true",
    )


def webinar(answer: Answer) -> r.WebinarDetails:
    return read(
        answer,
        schemas.WebinarDetails,
        lambda w: r.WebinarDetails(
            key=_key(w.webinarKey),
            subject=w.subject or "",
            description=w.description or "",
            times=_times(w.times),
            time_zone=w.timeZone or "UTC",
            organizer_name=w.organizerName or "",
            registration_url=web_link(w.registrationUrl),
            in_session=bool(w.inSession),
            number_of_registrants=w.numberOfRegistrants,
            registration_limit=w.registrationLimit,
        ),
    )


def registration_fields(answer: Answer) -> r.RegistrationFields:
    def build(w: schemas.FieldsOfForm) -> r.RegistrationFields:
        fields = rows.read_rows(w.fields, schemas.FieldOfForm, _field)
        questions = rows.read_rows(w.questions, schemas.QuestionOfForm, _form_question)
        skipped = fields.skipped + questions.skipped
        return r.RegistrationFields(tuple(fields), tuple(questions), skipped)

    return read(answer, schemas.FieldsOfForm, build)


def _field(w: schemas.FieldOfForm) -> r.RegistrationField:
    return r.RegistrationField(
        field_names.our_name(w.field), w.required, w.maxSize, tuple(w.answers or ())
    )


def _form_question(w: schemas.QuestionOfForm) -> r.RegistrationQuestion:
    return r.RegistrationQuestion(
        _own_key(w.questionKey),
        w.question,
        w.required,
        w.type,
        w.maxSize,
        tuple((_key(choice.answerKey), choice.answer or "") for choice in w.answers or ()),
    )


# -- registrants -----------------------------------------------------------------------------------


def registrants(answer: Answer) -> tuple[Rows[r.Registrant], int | None]:
    """Return a page of registrants and their total (None if it is missing).

    Without paging, GoTo responds with a bare array: then that is the whole list.
    """
    if answer.body.lstrip()[:1] == b"[":
        page = read_array(answer, schemas.Registrant, _registrant)
        return page, page.listed
    return read_numbered(answer, schemas.Registrant, _registrant)


def _registrant(w: schemas.Registrant) -> r.Registrant:
    return r.Registrant(
        _own_key(w.registrantKey),
        w.firstName or "",
        w.lastName or "",
        _address(w.email),
        _time_or_none(w.registrationDate) or _EPOCH,
        status_of(w.status),
        web_link(w.joinUrl),
        w.timeZone or "",
    )


_EPOCH = dt.datetime.fromtimestamp(0, dt.UTC)


def _address(text: str | None) -> str:
    """Return an email address; "" if it is invalid. Raises ValueError: see `normalized`."""
    kept = normalized(text or "")
    return kept if "@" in kept and len(kept) <= LONGEST_EMAIL else ""


def registrant(answer: Answer) -> r.RegistrantDetails:
    def build(w: schemas.RegistrantDetails) -> r.RegistrantDetails:
        properties = {ours: getattr(w, goto) for ours, goto in field_names.PROPERTIES.items()}
        extras = {
            ours: getattr(w, goto) or getattr(w, field_names.OTHER_EXTRAS.get(ours, goto))
            for ours, goto in field_names.EXTRAS.items()
        }
        if (w.type or "").upper() == r.LATE:
            extras["registration_type"] = r.LATE
        return r.RegistrantDetails(
            registrant=_registrant(w),
            properties={name: str(value) for name, value in properties.items() if value},
            extras={name: str(value) for name, value in extras.items() if value},
            source=w.source or "",
            answers=tuple(
                r.Answer(item.question or "", item.answer or "") for item in w.responses or ()
            ),
            # Only this response has the field (contract); missing means false.
            unsubscribed=str(w.unsubscribed).casefold() == "true",
        )

    return read(answer, schemas.RegistrantDetails, build)


def created(answer: Answer) -> r.Created:
    return read(
        answer,
        schemas.Created,
        lambda w: r.Created(
            _key(w.registrantKey), web_link(w.joinUrl), status_of(w.status) if w.status else None
        ),
    )


def nothing(answer: Answer) -> None:
    """Check a response without a body."""
    if not 200 <= answer.status < 300:
        raise error_of(answer)


# -- speakers --------------------------------------------------------------------------------------


def panelists(answer: Answer) -> Rows[r.Speaker]:
    return read_array(
        answer,
        schemas.Panelist,
        lambda w: r.Speaker(normalized(w.email), w.name or _full_name(w.firstName, w.lastName)),
    )


def coorganizers(answer: Answer) -> Rows[r.Speaker]:
    return read_array(
        answer,
        schemas.Coorganizer,
        lambda w: r.Speaker(normalized(w.email), _full_name(w.givenName, w.surname)),
    )


def _full_name(first: str | None, last: str | None) -> str:
    return f"{first or ''} {last or ''}".strip()


# -- sessions --------------------------------------------------------------------------------------


def sessions(answer: Answer) -> tuple[Rows[r.Session], int | None]:
    """Return a page of sessions and the number of pages (None if it is missing)."""
    return read_embedded(answer, schemas.Session, _session, "sessionInfoResources")


def _session(w: schemas.Session) -> r.Session:
    return r.Session(
        key=_own_key(w.sessionKey),
        webinar_key=_key(w.webinarKey),
        started_at=_time(w.startTime),
        ended_at=_time(w.endTime),
        poll_count=w.totalPollCount or 0,
        attended=w.registrantsAttended or 0,
    )


def attendees(answer: Answer) -> tuple[Rows[r.Attendee], int | None]:
    """Return a page of attendees and the number of pages (None if it is missing)."""
    return read_embedded(
        answer,
        schemas.Attendee,
        _attendee,
        "attendeeParticipationResponses",
        needed=("attendance",),
    )


def _attendee(w: schemas.Attendee) -> r.Attendee:
    return r.Attendee(
        _own_key(w.registrantKey),
        _own_key(w.sessionKey),
        _address(w.email),
        w.firstName or "",
        w.lastName or "",
        w.attendanceTimeInSeconds or 0,
        tuple(
            r.Interval(_time(item.joinTime), _time(item.leaveTime)) for item in w.attendance or ()
        ),
    )


def questions(answer: Answer) -> Rows[r.Question]:
    return read_array(answer, schemas.Question, _question)


def _question(w: schemas.Question) -> r.Question:
    return r.Question(
        asker_key=_own_key(w.askerKey),
        asked_by=w.askedBy or "",
        question=w.question,
        asked_at=_time(w.dateAsked),
        answers=tuple(
            r.QuestionAnswer(
                item.answer or "",
                item.answeredBy or "",
                item.answererRole or "",
                _time_or_none(item.answerTime),
            )
            for item in w.answers or ()
        ),
    )


def poll_summaries(answer: Answer) -> Rows[r.PollSummary]:
    """Return a session's polls, or its survey's questions, each with the number of answers."""
    return read_array(
        answer,
        schemas.PollSummary,
        lambda w: r.PollSummary(w.question, w.numberOfResponses or 0),
    )


def poll_answers(answer: Answer) -> Rows[r.PollAnswer]:
    """Return the answers of one attendee."""
    return read_array(
        answer,
        schemas.PollAnswer,
        lambda w: r.PollAnswer(w.question, tuple(w.answers or ([w.answer] if w.answer else []))),
    )


# -- webhooks --------------------------------------------------------------------------------------


def secret_key(answer: Answer) -> r.SecretKey:
    try:
        return read(answer, schemas.SecretKey, lambda w: r.SecretKey(_key(w.id), w.value))
    except Unreadable:
        raise Unreadable("The answer holds no secret key.", status=answer.status) from None


def webhooks(answer: Answer) -> Rows[r.Webhook]:
    return read_embedded(answer, schemas.Webhook, _webhook, "webhooks", paged=False)[0]


def _webhook(w: schemas.Webhook) -> r.Webhook:
    return r.Webhook(
        _key(w.webhookKey), w.eventName or "", w.callbackUrl or "", w.state == "ACTIVE"
    )


def subscriptions(answer: Answer) -> Rows[r.Subscription]:
    return read_embedded(
        answer, schemas.Subscription, _subscription, "userSubscriptions", paged=False
    )[0]


def _subscription(w: schemas.Subscription) -> r.Subscription:
    return r.Subscription(
        _key(w.userSubscriptionKey), _key(w.webhookKey), w.userSubscriptionState == "ACTIVE"
    )
