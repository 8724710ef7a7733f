"""Ask the platform to register one person, and interpret the response."""

import datetime as dt
import logging
from contextlib import suppress
from dataclasses import dataclass, field, replace

from django.utils import timezone

from core.emails import email_key
from platforms.contract import Client
from platforms.error_messages import Problem, explain
from platforms.errors import (
    AlreadyRegistered,
    InvalidRequest,
    NotAllowed,
    NotFound,
    PlatformError,
    ReauthorizationRequired,
)
from platforms.records import Approval, Registrant, RegistrantStatus
from registration_forms import fields as formfields
from registration_forms.new_registrant import new_registrant
from sync.opt_out_check import save_opt_outs
from sync.pull.plan import state_of
from sync.push import capacity
from webinars.models import Registration, Webinar
from webinars.sent_values import SentValue
from webinars.waitlist import must_queue

logger = logging.getLogger(__name__)
State = Registration.State

_SHORTEST, _LONGEST = dt.timedelta(seconds=10), dt.timedelta(minutes=4)


@dataclass(frozen=True, slots=True)
class PushResult:
    """The outcome of a push; `retry_at` is set if it is to be tried again."""

    state: State
    registrant_key: str = ""
    join_url: str = ""
    problem: Problem | None = None
    fields: list[str] = field(default_factory=list)
    retry_at: dt.datetime | None = None
    # The platform already had this person, possibly from elsewhere.
    was_there: bool = False
    # Values that were changed or left out for the platform.
    changes: list[SentValue] = field(default_factory=list)

    @property
    def platform_message(self) -> str:
        return self.problem.platform_message if self.problem else ""


def create_registrant_for(registration: Registration, client: Client) -> PushResult:
    """Register `registration` on the platform and return the outcome; any error leads to a
    retry."""
    webinar = registration.webinar
    if webinar.state == Webinar.State.GONE:
        return PushResult(State.REJECTED, problem=Problem("push.webinar-gone"))
    if webinar.is_over:
        return PushResult(State.REJECTED, problem=Problem("push.webinar-over"))
    # An earlier attempt may have taken a seat without a response: then only the platform knows.
    tried = registration.push_attempts > 1
    if must_queue(registration) or (capacity.known_full(webinar) and not tried):
        return _full()
    try:
        return _create(client, registration)
    except Exception as error:
        if not isinstance(error, PlatformError):
            logger.exception("Pushing registration %s failed", registration.pk)
        return PushResult(
            State.PENDING,
            problem=explain(error),
            retry_at=timezone.now() + delay(registration.push_attempts),
        )


def delay(attempts: int) -> dt.timedelta:
    """Return the delay after this many attempts: growing, within what was promised."""
    doubled: int = 2 ** max(0, min(attempts - 1, 10))
    return min(_LONGEST, _SHORTEST * doubled)


def _create(client: Client, registration: Registration) -> PushResult:
    webinar = registration.webinar
    registrant, changes = new_registrant(registration)
    try:
        created = client.create_registrant(webinar.key, registrant)
    except AlreadyRegistered as error:
        found = _already(client, registration, error)
        # A person who was registered before has nothing from us.
        return found if found.was_there else replace(found, changes=changes)
    except ReauthorizationRequired:
        raise
    except NotFound as error:
        return PushResult(State.REJECTED, problem=explain(error))
    except (InvalidRequest, NotAllowed) as error:
        refused = _refused(client, webinar, error)
        return replace(refused, changes=changes if refused.state == State.REJECTED else [])
    by_hand = webinar.approval_type == Approval.MANUAL
    status = created.status or (RegistrantStatus.AWAITING if by_hand else RegistrantStatus.APPROVED)
    return PushResult(state_of(status), created.registrant_key, created.join_url, changes=changes)


def _already(client: Client, registration: Registration, error: AlreadyRegistered) -> PushResult:
    """Return the outcome for a person whom the platform already has: success. The response may lack
    the key.

    The platform may be more tolerant about equal addresses. Someone with another mailbox is someone
    else, whose registration and link are not this person's (rule 3).
    """
    webinar, key = registration.webinar.key, error.registrant_key
    person = email_key(registration.submitted.get("email") or registration.contact.email)
    repeated = error.repeated or registration.push_attempts > 1
    if key:
        details = client.registrant(webinar, key)
        save_opt_outs([details])
        if email_key(details.registrant.email) not in ("", person):
            return PushResult(State.REJECTED, problem=Problem("push.similar-address"))
        return _found(registration, details.registrant, repeated=repeated)
    for page in client.registrants(webinar):
        for item in page:
            if email_key(item.email) == person:
                return _found(registration, item, repeated=repeated)
    # Not on the list yet, a moment after the response: the next sync saves the key.
    return PushResult(State.REGISTERED, was_there=True)


def _found(registration: Registration, there: Registrant, *, repeated: bool) -> PushResult:
    """Return whether the registrant was created by an earlier attempt whose response was lost: one
    from before this registration came from elsewhere."""
    since = registration.registered_at.replace(microsecond=0)
    was_there = not repeated or there.registered_at < since
    return PushResult(state_of(there.status), there.key, there.join_url, was_there=was_there)


def _refused(client: Client, webinar: Webinar, error: InvalidRequest | NotAllowed) -> PushResult:
    """Decide whether a refusal means that the webinar is full, by its own numbers
    (docs/gotowebinar.md)."""
    details = client.webinar(webinar.key)
    capacity.refresh_capacity(webinar, details)
    if client.capabilities.waiting_list and details.is_full:
        return _full(error.platform_message)
    fields = list(error.fields) if isinstance(error, InvalidRequest) else []
    problem = Problem("push.refused", platform_message=error.platform_message)
    if fields:
        # The organizer may have made fields required since the form was read.
        with suppress(PlatformError):
            capacity.save_form_fields(webinar, client.registration_fields(webinar.key))
        named = formfields.as_parts(fields)
        problem = Problem("push.fields-refused", {"fields": named}, error.platform_message)
    return PushResult(State.REJECTED, problem=problem, fields=fields)


def _full(platform_message: str = "") -> PushResult:
    return PushResult(
        State.OVERFLOW, problem=Problem("push.full", platform_message=platform_message)
    )
