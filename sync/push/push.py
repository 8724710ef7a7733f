"""Push registrations to the platform, each once, however often it is tried.

The steps, in the order of the code: find what is due, oldest first; claim the row with one
conditional UPDATE; ask the platform (`request`); write the outcome and its timeline entry in one
transaction. Killed anywhere, the row is due again after CLAIM, and the platform responds to the
repetition with "already registered", which counts as success.
"""

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from contacts.models import Activity
from core import messages
from core.rate_limit.database import Priority
from platforms.client_factory import client_for
from platforms.contract import Client, RetryPolicy
from platforms.models import Connection
from registration_forms.registrations import save_registrant_key
from sync.pull import apply
from sync.pull.changes import NewActivity
from sync.push.request import PushResult, create_registrant_for
from webinars.models import Registration
from webinars.models.conditions import LISTED_STATES
from webinars.registration_events import registrations_changed

State = Registration.State
Kind = Activity.Kind

# The claim; together with the sweep each minute, a crash costs less than 5 minutes.
CLAIM = dt.timedelta(minutes=2)
# A person waits for this, and the table has the longer delays: give up soon on one attempt.
_RETRY_POLICY = RetryPolicy(base=0.3, cap=3.0, total=10.0)
# Several pushers share one queue: each looks at a few rows to find one of its own.
_LOOK_AT = 8


class Pusher:
    """Pushes registrations one after the other over open connections to the platform."""

    def __init__(self) -> None:
        self._clients: dict[int, Client] = {}

    def push_due(
        self, *, waited: dt.timedelta = dt.timedelta(), at_most: dt.timedelta = dt.timedelta.max
    ) -> int:
        """Push what has been due for `waited`, oldest first, until nothing is due or `at_most` has
        passed; return how many."""
        count, began = 0, timezone.now()
        while timezone.now() - began < at_most and self._push_next(waited):
            count += 1
        return count

    def _push_next(self, waited: dt.timedelta) -> bool:
        due = Registration.objects.due_for_push(timezone.now() - waited).of_synced_connections()
        rows = due.order_by("next_push_at", "pk").values_list("pk", flat=True)
        return any(self.push(pk) for pk in list(rows[:_LOOK_AT]))

    def push(self, registration_id: int) -> bool:
        """Push one registration now; False if it is not due or another pusher has it."""
        now = timezone.now()
        due = Registration.objects.filter(pk=registration_id).due_for_push(now)
        if not due.update(next_push_at=now + CLAIM, push_attempts=F("push_attempts") + 1):
            return False
        registration = Registration.objects.select_related("contact", "webinar__connection").get(
            pk=registration_id
        )
        client = self._client(registration.webinar.connection)
        _settle(registration, create_registrant_for(registration, client))
        return True

    def _client(self, connection: Connection) -> Client:
        if connection.pk not in self._clients:
            self._clients[connection.pk] = client_for(
                connection, Priority.INTERACTIVE, retry_policy=_RETRY_POLICY
            )
        return self._clients[connection.pk]


def push(registration_id: int) -> bool:
    """Push one registration now; False if it is not due or another pusher has it."""
    return Pusher().push(registration_id)


def _settle(registration: Registration, outcome: PushResult) -> None:
    """Write `outcome`, unless a sync has found the person on the platform's list in the
    meantime."""
    values: dict[str, Any] = {
        "state": outcome.state,
        "problem_code": outcome.problem.code if outcome.problem else "",
        "problem_params": dict(outcome.problem.params) if outcome.problem else {},
        "platform_message": outcome.platform_message,
        "rejected_fields": outcome.fields,
        "sent_differently": outcome.changes,
        "next_push_at": outcome.retry_at,
    }
    if outcome.state in LISTED_STATES:
        values |= {
            "registrant_key": outcome.registrant_key,
            "join_url": outcome.join_url,
            "cancelled_at": None,
            "waiting_since": None,
        }
    elif outcome.state == State.OVERFLOW:
        values["waiting_since"] = registration.waiting_since or registration.registered_at
    if outcome.was_there:
        # Anyone who typed this address in our form need not be the person registered on the
        # platform: the confirmation page shows a join link only for registrations made by the form.
        values["source"] = Registration.Source.PLATFORM
    try:
        _write(registration, outcome, values)
    except IntegrityError:
        # The platform's registrant belongs to another contact, whose email was changed here and who
        # owns the join link.
        values.pop("registrant_key", None)
        values.pop("join_url", None)
        values["source"] = Registration.Source.PLATFORM
        _write(registration, outcome, values)


def _write(registration: Registration, outcome: PushResult, values: dict[str, Any]) -> None:
    with transaction.atomic():
        if values.get("registrant_key") and not outcome.was_there:
            # Even if a sync was quicker: it has the same registrant by the same key.
            save_registrant_key(registration, outcome.registrant_key)
        mine = Registration.objects.pending().filter(pk=registration.pk)
        if mine.update(**values) and outcome.state != State.PENDING:
            registrations_changed(Registration.objects.filter(pk=registration.pk))
            apply.upsert_activities(registration.webinar, [_line(registration, outcome)])


def _line(registration: Registration, outcome: PushResult) -> NewActivity:
    """Return the timeline entry for an outcome that is final for now."""
    key, now, contact = registration.webinar.key, timezone.now(), registration.contact_id
    if outcome.state == State.OVERFLOW:
        since = registration.waiting_since or now
        return NewActivity(contact, f"overflow:{key}", Kind.OVERFLOW, since)
    if outcome.state == State.REJECTED:
        data: dict[str, Any] = {"words": outcome.platform_message}
        if outcome.problem and not outcome.platform_message:
            data |= messages.part(outcome.problem.code, **outcome.problem.params)
        line = f"rejected:{key}:{now.timestamp():.0f}"
        return NewActivity(contact, line, Kind.REJECTED, now, data)
    if outcome.state == State.AWAITING:
        return NewActivity(contact, f"awaiting:{key}", Kind.AWAITING, now)
    if registration.cancelled_at is not None:
        line = f"returned:{key}:{now.timestamp():.0f}"
        return NewActivity(contact, line, Kind.RETURNED, now)
    if registration.waiting_since is not None:
        return NewActivity(contact, f"promoted:{key}", Kind.PROMOTED, now)
    data = {"source": registration.source, "state": str(outcome.state)}
    return NewActivity(contact, f"registered:{key}", Kind.REGISTERED, now, data)
