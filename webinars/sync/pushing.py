"""Pushing a registration to GoToWebinar, once, however often it is tried.

The steps, in the order of the code: claim the row with one conditional UPDATE; ask GoTo to create
the registrant; read from the answer, and where it refuses from the webinar's own numbers, what
became of it; write the outcome and its timeline line in one transaction. Killed anywhere, the row
is due again after CLAIM, and GoTo answers the repetition with "already registered": success.
"""

import datetime as dt
import logging
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.emails import email_key
from contacts.models import PROPERTIES, Activity
from webinars.gotowebinar import (
    AlreadyRegistered,
    Client,
    GoToError,
    NewRegistrant,
    NotAllowed,
    NotFound,
    Patience,
    Refused,
    SignInNeeded,
)
from webinars.models import Registration, Webinar
from webinars.sync import apply
from webinars.sync.changes import NewActivity
from webinars.sync.explain import explain
from webinars.sync.goto import client_for
from webinars.sync.plan import state_of

logger = logging.getLogger(__name__)
State = Registration.State
Kind = Activity.Kind

# Nobody else tries meanwhile; together with the sweep each minute a crash costs under 5 minutes.
CLAIM = dt.timedelta(minutes=2)
_SHORTEST, _LONGEST = dt.timedelta(seconds=10), dt.timedelta(minutes=4)
# People wait for this, and the table has the longer delays: give up on one try soon.
_PATIENCE = Patience(base=0.3, cap=3.0, total=10.0)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a push; `at` is set when it is to be tried again."""

    state: State
    registrant_key: str = ""
    join_url: str = ""
    problem: str = ""
    words: str = ""
    fields: list[str] = field(default_factory=list)
    again_at: dt.datetime | None = None
    # GoTo had this person already, from elsewhere for all we know.
    was_there: bool = False


def push(registration_id: int) -> Registration | None:
    """Try one due registration now and return it; None where it is not due or another has it."""
    now = timezone.now()
    due = Registration.objects.filter(
        pk=registration_id, state=State.PENDING, next_push_at__lte=now
    )
    if not due.update(next_push_at=now + CLAIM, push_attempts=F("push_attempts") + 1):
        return None
    registration = Registration.objects.select_related("contact", "webinar__connection").get(
        pk=registration_id
    )
    _settle(registration, _try(registration))
    registration.refresh_from_db()
    return registration


def push_due() -> int:
    """Try every due registration, oldest first, and return how many were tried."""
    due = Registration.objects.filter(state=State.PENDING, next_push_at__lte=timezone.now())
    return sum(push(pk) is not None for pk in due.order_by("pk").values_list("pk", flat=True))


def _try(registration: Registration) -> Outcome:
    webinar = registration.webinar
    if webinar.state == Webinar.State.GONE:
        return Outcome(State.REJECTED, problem=_("The webinar was cancelled on GoToWebinar."))
    if webinar.is_over:
        return Outcome(State.REJECTED, problem=_("The webinar was over before this could be sent."))
    try:
        client = client_for(webinar.connection, patience=_PATIENCE)
        return _create(client, registration)
    except Exception as error:
        if not isinstance(error, GoToError):
            logger.exception("Pushing registration %s failed", registration.pk)
        problem = explain(error)
        return Outcome(
            State.PENDING,
            problem=problem.sentence,
            words=problem.words,
            again_at=timezone.now() + delay(registration.push_attempts),
        )


def delay(attempts: int) -> dt.timedelta:
    """Return how long to wait after so many tries: growing, and never past what was promised."""
    doubled: int = 2 ** max(0, min(attempts - 1, 10))
    return min(_LONGEST, _SHORTEST * doubled)


def _create(client: Client, registration: Registration) -> Outcome:
    webinar = registration.webinar
    try:
        created = client.create_registrant(webinar.key, _new_registrant(registration))
    except AlreadyRegistered as error:
        return _already(client, registration, error.registrant_key)
    except SignInNeeded:
        raise
    except NotFound as error:
        problem = explain(error)
        return Outcome(State.REJECTED, problem=problem.sentence, words=problem.words)
    except (Refused, NotAllowed) as error:
        return _refused(client, webinar, error)
    by_hand = webinar.approval_type.upper().startswith("MANUAL")
    status = created.status or ("WAITING" if by_hand else "APPROVED")
    return Outcome(state_of(status), created.registrant_key, created.join_url)


def _new_registrant(registration: Registration) -> NewRegistrant:
    """Return what GoTo is told: what the person gave, else what is known of the contact."""
    contact, given = registration.contact, registration.given
    values = {name: given.get(name) or getattr(contact, name) for name in PROPERTIES}
    return NewRegistrant(
        first_name=given.get("first_name") or contact.first_name,
        last_name=given.get("last_name") or contact.last_name,
        email=given.get("email") or contact.email,
        properties={name: value for name, value in values.items() if value},
    )


def _already(client: Client, registration: Registration, key: str | None) -> Outcome:
    """GoTo has this person: success. Its answer does not always say which key that is."""
    webinar = registration.webinar.key
    if key:
        found = client.registrant(webinar, key).registrant
        return Outcome(state_of(found.status), found.key, found.join_url, was_there=True)
    person = email_key(_new_registrant(registration).email)
    for page in client.registrants(webinar):
        for item in page:
            if email_key(item.email) == person:
                return Outcome(state_of(item.status), item.key, item.join_url, was_there=True)
    # On no page a moment after GoTo said so: the next sync brings the key along.
    return Outcome(State.REGISTERED, was_there=True)


def _refused(client: Client, webinar: Webinar, error: Refused | NotAllowed) -> Outcome:
    """Full, or refused for another reason: the webinar's own numbers say (docs/gotowebinar.md)."""
    if client.webinar(webinar.key).is_full:
        return Outcome(
            State.OVERFLOW,
            problem=_("The webinar was full. This person is kept and can be written to."),
            words=error.words,
        )
    fields = list(error.fields) if isinstance(error, Refused) else []
    problem = _("GoToWebinar refused this registration. Its own words say why.")
    if fields:
        problem = _("GoToWebinar refused this registration because of: %(fields)s.") % {
            "fields": ", ".join(fields)
        }
    return Outcome(State.REJECTED, problem=problem, words=error.words, fields=fields)


def _settle(registration: Registration, outcome: Outcome) -> None:
    """Write `outcome` unless a sync has found the person on GoTo's list in the meantime."""
    values: dict[str, Any] = {
        "state": outcome.state,
        "problem": outcome.problem,
        "goto_words": outcome.words,
        "goto_fields": outcome.fields,
        "next_push_at": outcome.again_at,
    }
    on_goto = outcome.state in (State.REGISTERED, State.AWAITING, State.DENIED)
    if on_goto:
        values |= {
            "registrant_key": outcome.registrant_key,
            "join_url": outcome.join_url,
            "cancelled_at": None,
        }
    if outcome.was_there:
        # Whoever typed this address in our form need not be the one who registered on GoTo: the
        # answer page shows a join link for registrations made by the form alone.
        values["source"] = Registration.Source.GOTO
    try:
        _write(registration, outcome, values)
    except IntegrityError:
        # GoTo's registrant is known here under another contact, whose e-mail was changed here.
        values.pop("registrant_key", None)
        _write(registration, outcome, values)


def _write(registration: Registration, outcome: Outcome, values: dict[str, Any]) -> None:
    with transaction.atomic():
        mine = Registration.objects.filter(pk=registration.pk, state=State.PENDING)
        if mine.update(**values) and outcome.state != State.PENDING:
            apply.write_lines(registration.webinar, [_line(registration, outcome)])


def _line(registration: Registration, outcome: Outcome) -> NewActivity:
    """Return the timeline's line for an outcome that is final for now."""
    key, now = registration.webinar.key, timezone.now()
    if outcome.state == State.OVERFLOW:
        return NewActivity(registration.contact_id, f"overflow:{key}", Kind.OVERFLOW, now)
    if outcome.state == State.REJECTED:
        data = {"words": outcome.words or outcome.problem}
        line = f"rejected:{key}:{now.timestamp():.0f}"
        return NewActivity(registration.contact_id, line, Kind.REJECTED, now, data)
    if outcome.state == State.AWAITING:
        return NewActivity(registration.contact_id, f"awaiting:{key}", Kind.AWAITING, now)
    if registration.cancelled_at is not None:
        line = f"returned:{key}:{now.timestamp():.0f}"
        return NewActivity(registration.contact_id, line, Kind.RETURNED, now)
    lines = registration.contact.activities
    if lines.filter(key=f"overflow:{key}").exists():
        return NewActivity(registration.contact_id, f"promoted:{key}", Kind.PROMOTED, now)
    data = {"source": registration.source, "state": str(outcome.state)}
    return NewActivity(registration.contact_id, f"registered:{key}", Kind.REGISTERED, now, data)
