"""Deciphers answers. Pure functions: status, headers and body in, records out or an error raised.

An answer that is not JSON, or JSON of another shape, raises GoToBroken with its first 500
characters; nothing else than an error of the tree leaves this module.
"""

import datetime as dt
import email.utils
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

import msgspec

from platforms import records as r
from platforms.errors import (
    AlreadyRegistered,
    GoToBroken,
    GoToError,
    NotAllowed,
    NotFound,
    Refused,
    SignInNeeded,
    SlowDown,
)
from platforms.gotowebinar import schemas

T = TypeVar("T")
SHOWN = 500
# An escaped NUL, which PostgreSQL takes in no text: one such name must not hold up a page.
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")


class Answer(NamedTuple):
    """An HTTP answer as it came: header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def _decoder(kind: Any) -> Callable[[bytes], Any]:
    return msgspec.json.Decoder(kind, strict=True).decode


_COMPLAINT = _decoder(schemas.Complaint)
_DECODERS: dict[Any, Callable[[bytes], Any]] = {}


def _read(answer: Answer, kind: Any, build: Callable[[Any], T]) -> T:
    """Return what `build` makes of the body, read as `kind`."""
    if not 200 <= answer.status < 300:
        raise error_of(answer)
    if kind not in _DECODERS:
        _DECODERS[kind] = _decoder(kind)
    # Looked for first: to search a page by the expression takes longer than to read it.
    body = _NUL.sub(rb"\1", answer.body) if b"\\u0000" in answer.body else answer.body
    try:
        return build(_DECODERS[kind](body))
    except (msgspec.DecodeError, RecursionError, ValueError, OverflowError) as error:
        raise _nonsense(answer) from error


def _nonsense(answer: Answer) -> GoToBroken:
    return GoToBroken(_text(answer.body) or "(empty)", status=answer.status)


def _text(body: bytes) -> str:
    return body[: SHOWN * 4].decode("utf-8", "replace").strip()[:SHOWN]


# -- errors ----------------------------------------------------------------------------------------


def error_of(answer: Answer) -> GoToError:
    """Return the error that an answer of 300 or more is."""
    status = answer.status
    complaint = _complaint(answer.body)
    words = (
        complaint.description
        or complaint.msg
        or complaint.message
        or complaint.error_description
        or ""
    )
    code = complaint.errorCode or complaint.int_err_code or complaint.error or ""
    incident = _key(complaint.incident)
    if not words and not code:
        words = _text(answer.body)
    known: dict[str, Any] = {"status": status, "code": code, "incident": incident}
    if status in (401, 403):
        return NotAllowed(words, **known)
    if status == 404:
        return NotFound(words, **known)
    if status == 409:
        return AlreadyRegistered(
            words, registrant_key=_key(complaint.registrantKey) or None, **known
        )
    if status == 429:
        return SlowDown(words, retry_after=_retry_after(answer.headers), **known)
    if 400 <= status < 500:
        return Refused(words, fields=_fields(complaint.invalidFields), **known)
    broken = GoToBroken(words, **known)
    broken.retry_after = _retry_after(answer.headers)
    return broken


def _complaint(body: bytes) -> schemas.Complaint:
    try:
        complaint: schemas.Complaint = _COMPLAINT(body)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return schemas.Complaint()
    return complaint


def _fields(invalid: list[object] | None) -> tuple[str, ...]:
    """Return the names in `invalidFields`: seen as text and as objects that name a field."""
    names = []
    for item in invalid or ():
        if isinstance(item, dict):
            item = item.get("field") or item.get("name") or item.get("fieldName") or ""
        if item:
            names.append(str(item))
    return tuple(names)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of a Retry-After header, given as seconds or as a date."""
    value = headers.get("retry-after", "").strip()
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        at = email.utils.parsedate_to_datetime(value)
        sent = email.utils.parsedate_to_datetime(headers["date"])
        # HTTP dates are GMT; Python gives the zone "-0000" as none.
        wait = at.replace(tzinfo=at.tzinfo or dt.UTC) - sent.replace(tzinfo=sent.tzinfo or dt.UTC)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return max(0.0, wait.total_seconds())


# -- small parts -----------------------------------------------------------------------------------


def _key(value: int | str | None) -> str:
    return "" if value is None else str(value)


def _time(text: str) -> dt.datetime:
    """Return an aware time in UTC. Raises ValueError."""
    moment = dt.datetime.fromisoformat(text)
    return moment.astimezone(dt.UTC) if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _times(ranges: list[schemas.Range] | None) -> tuple[r.TimeRange, ...]:
    return tuple(r.TimeRange(_time(item.startTime), _time(item.endTime)) for item in ranges or ())


def _count(page: schemas.Page) -> int:
    return page.totalPages


# -- sign-in ---------------------------------------------------------------------------------------


def token(answer: Answer) -> r.Token:
    """Return the token. Raises SignInNeeded where GoTo refuses the refresh token or the client."""
    if answer.status in (400, 401, 403):
        said = error_of(answer)
        raise SignInNeeded(said.words, status=said.status, code=said.code, incident=said.incident)
    try:
        return _read(answer, schemas.Token, _token)
    except GoToBroken as error:
        if error.status is None or error.status >= 300:
            raise
    # Its first characters may be a token, so they are not told.
    raise GoToBroken("The answer to our sign-in is no token.", status=answer.status)


def _token(w: schemas.Token) -> r.Token:
    if not w.access_token:
        raise ValueError("no access token")
    return r.Token(
        access_token=w.access_token,
        expires_in=max(0, min(w.expires_in, 366 * 86400)),
        refresh_token=w.refresh_token,
        organizer_key=_key(w.organizer_key) or None,
        account_key=_key(w.account_key) or None,
        principal=w.principal,
        scope=w.scope or "",
    )


def identity(answer: Answer) -> r.Me:
    return _read(answer, schemas.IdentityMe, lambda w: r.Me(_key(w.id), None, w.userName))


def admin(answer: Answer) -> r.Me:
    return _read(
        answer, schemas.AdminMe, lambda w: r.Me(_key(w.key), _key(w.accountKey) or None, w.email)
    )


# -- webinars --------------------------------------------------------------------------------------


def webinars(answer: Answer) -> tuple[list[r.Webinar], int]:
    """Return a page of webinars and how many pages there are."""

    def build(w: schemas.WebinarsPage) -> tuple[list[r.Webinar], int]:
        found = w.embedded.webinars if w.embedded else []
        return [_webinar(item) for item in found], _count(w.page)

    return _read(answer, schemas.WebinarsPage, build)


def _webinar(w: schemas.Webinar) -> r.Webinar:
    return r.Webinar(
        key=_key(w.webinarKey),
        webinar_id=_key(w.webinarID),
        organizer_key=_key(w.organizerKey),
        account_key=_key(w.accountKey),
        subject=w.subject or "",
        description=w.description or "",
        times=_times(w.times),
        time_zone=w.timeZone or "UTC",
        locale=w.locale or "",
        registration_url=w.registrationUrl or "",
        approval_type=w.approvalType or "",
        recurrence_type=w.recurrenceType or "",
        experience_type=w.experienceType or "",
        recurrence_key=_key(w.recurrenceKey) or None,
    )


def webinar(answer: Answer) -> r.WebinarDetails:
    return _read(
        answer,
        schemas.WebinarDetails,
        lambda w: r.WebinarDetails(
            key=_key(w.webinarKey),
            subject=w.subject or "",
            description=w.description or "",
            times=_times(w.times),
            time_zone=w.timeZone or "UTC",
            organizer_name=w.organizerName or "",
            registration_url=w.registrationUrl or "",
            in_session=bool(w.inSession),
            number_of_registrants=w.numberOfRegistrants,
            registration_limit=w.registrationLimit,
        ),
    )


def registration_fields(answer: Answer) -> r.RegistrationFields:
    def build(w: schemas.FieldsOfForm) -> r.RegistrationFields:
        return r.RegistrationFields(
            fields=tuple(
                r.RegistrationField(f.field, f.required, f.maxSize, tuple(f.answers or ()))
                for f in w.fields
            ),
            questions=tuple(
                r.RegistrationQuestion(
                    _key(q.questionKey),
                    q.question,
                    q.required,
                    q.type,
                    q.maxSize,
                    tuple((_key(c.answerKey), c.answer or "") for c in q.answers or ()),
                )
                for q in w.questions
            ),
        )

    return _read(answer, schemas.FieldsOfForm, build)


# -- registrants -----------------------------------------------------------------------------------


def registrants(answer: Answer) -> tuple[list[r.Registrant], int]:
    """Return a page of registrants and how many there are in all.

    GoTo answers with a bare array too (without paging): then that array is all there is.
    """
    if answer.body.lstrip()[:1] == b"[":
        return _read(
            answer, list[schemas.Registrant], lambda w: ([_registrant(item) for item in w], len(w))
        )
    return _read(
        answer,
        schemas.RegistrantsPage,
        lambda w: ([_registrant(item) for item in w.data], w.total),
    )


def _registrant(w: schemas.Registrant) -> r.Registrant:
    return r.Registrant(
        str(w.registrantKey),
        w.firstName or "",
        w.lastName or "",
        w.email or "",
        _time(w.registrationDate) if w.registrationDate else _EPOCH,
        w.status or "APPROVED",
        w.joinUrl or "",
        w.timeZone or "",
    )


_EPOCH = dt.datetime.fromtimestamp(0, dt.UTC)


def registrant(answer: Answer) -> r.RegistrantDetails:
    def build(w: schemas.RegistrantDetails) -> r.RegistrantDetails:
        given = {ours: getattr(w, goto) for ours, goto in r.PROPERTY_NAMES.items()}
        return r.RegistrantDetails(
            registrant=_registrant(w),
            properties={name: str(value) for name, value in given.items() if value},
            source=w.source or "",
            answers=tuple(
                r.Answer(item.question or "", item.answer or "") for item in w.responses or ()
            ),
            # The contract names it for this answer alone: left out, it is not so.
            unsubscribed=str(w.unsubscribed).casefold() == "true",
        )

    return _read(answer, schemas.RegistrantDetails, build)


def created(answer: Answer) -> r.Created:
    return _read(
        answer,
        schemas.Created,
        lambda w: r.Created(_key(w.registrantKey), w.joinUrl or "", w.status),
    )


def nothing(answer: Answer) -> None:
    """Check an answer that has no body to read."""
    if not 200 <= answer.status < 300:
        raise error_of(answer)


# -- sessions --------------------------------------------------------------------------------------


def sessions(answer: Answer) -> tuple[list[r.Session], int]:
    def build(w: schemas.SessionsPage) -> tuple[list[r.Session], int]:
        found = w.embedded.sessionInfoResources if w.embedded else []
        return [_session(item) for item in found], _count(w.page)

    return _read(answer, schemas.SessionsPage, build)


def _session(w: schemas.Session) -> r.Session:
    return r.Session(
        key=_key(w.sessionKey),
        webinar_key=_key(w.webinarKey),
        started_at=_time(w.startTime),
        ended_at=_time(w.endTime),
        poll_count=max(0, w.totalPollCount or 0),
        attended=w.registrantsAttended or 0,
        registrants=w.registrantCount or 0,
    )


def attendees(answer: Answer) -> tuple[list[r.Attendee], int]:
    def build(w: schemas.AttendeesPage) -> tuple[list[r.Attendee], int]:
        found = w.embedded.attendeeParticipationResponses if w.embedded else []
        return [_attendee(item) for item in found], _count(w.page)

    return _read(answer, schemas.AttendeesPage, build)


def _attendee(w: schemas.Attendee) -> r.Attendee:
    return r.Attendee(
        str(w.registrantKey),
        str(w.sessionKey),
        w.email or "",
        w.firstName or "",
        w.lastName or "",
        w.attendanceTimeInSeconds or 0,
        tuple(
            r.Interval(_time(item.joinTime), _time(item.leaveTime)) for item in w.attendance or ()
        ),
    )


def questions(answer: Answer) -> list[r.Question]:
    return _read(answer, list[schemas.Question], lambda w: [_question(item) for item in w])


def _question(w: schemas.Question) -> r.Question:
    return r.Question(
        asker_key=_key(w.askerKey),
        asked_by=w.askedBy or "",
        question=w.question,
        asked_at=_time(w.dateAsked),
        answers=tuple(
            r.QuestionAnswer(
                item.answer or "",
                item.answeredBy or "",
                item.answererRole or "",
                _time(item.answerTime) if item.answerTime else None,
            )
            for item in w.answers or ()
        ),
    )


def poll_answers(answer: Answer) -> list[r.PollAnswer]:
    def build(w: list[schemas.PollAnswer]) -> list[r.PollAnswer]:
        return [
            r.PollAnswer(
                item.question, tuple(item.answers or ([item.answer] if item.answer else []))
            )
            for item in w
        ]

    return _read(answer, list[schemas.PollAnswer], build)


# -- webhooks --------------------------------------------------------------------------------------


def secret_key(answer: Answer) -> r.SecretKey:
    try:
        return _read(answer, schemas.SecretKey, lambda w: r.SecretKey(_key(w.id), w.value))
    except GoToBroken as error:
        if error.status is None or error.status >= 300:
            raise
    # Its first characters may be the secret, so they are not told.
    raise GoToBroken("The answer holds no secret key.", status=answer.status)


def webhooks(answer: Answer) -> list[r.Webhook]:
    def build(w: schemas.WebhooksPage) -> list[r.Webhook]:
        return [
            r.Webhook(
                _key(item.webhookKey),
                item.eventName or "",
                item.callbackUrl or "",
                item.state == "ACTIVE",
            )
            for item in (w.embedded.webhooks if w.embedded else [])
        ]

    return _read(answer, schemas.WebhooksPage, build)


def subscriptions(answer: Answer) -> list[r.Subscription]:
    def build(w: schemas.SubscriptionsPage) -> list[r.Subscription]:
        return [
            r.Subscription(
                _key(item.userSubscriptionKey),
                _key(item.webhookKey),
                item.userSubscriptionState == "ACTIVE",
            )
            for item in (w.embedded.userSubscriptions if w.embedded else [])
        ]

    return _read(answer, schemas.SubscriptionsPage, build)
