"""Receive webhook events: verify them, store each once, and process them later.

An event itself changes nothing. Rejected requests are only counted, so that floods of them only
increase numbers in one row.
"""

import datetime as dt
import enum
from functools import partial

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from core.emails import email_key
from platforms import registry
from platforms.errors import Malformed
from platforms.models import WebhookEvent, WebhookSecret, WebhookSetup
from platforms.models.webhook import hash_of
from platforms.records import Event, EventName
from platforms.signals import event_received

# An event has a few thousand characters; the largest has a registrant's answers.
LARGEST = 64 * 1024
# Older events are useless: scheduled syncs have run since.
_STALE = dt.timedelta(hours=24)
# The number of secrets that can be in use during a rotation.
_SECRETS = 3
# Events about the same thing: processing the later one covers the earlier one.
_SAME = {
    EventName.REGISTRANT_ADDED: (EventName.REGISTRANT_ADDED, EventName.REGISTRANT_JOINED),
    EventName.REGISTRANT_JOINED: (EventName.REGISTRANT_JOINED,),
    EventName.WEBINAR_CREATED: (EventName.WEBINAR_CREATED, EventName.WEBINAR_CHANGED),
    EventName.WEBINAR_CHANGED: (EventName.WEBINAR_CHANGED,),
}


class Verdict(enum.Enum):
    """The outcome of a request; the value is the counter's name."""

    TAKEN = "taken"
    REPEATED = "repeated"
    LATE = "late"
    FORGED = "forged"
    MALFORMED = "malformed"
    OVERSIZED = "oversized"


def setup_at(path: str) -> WebhookSetup | None:
    """Return the setup whose URL ends with `path`; None if there is none or it is switched off."""
    rows = WebhookSetup.objects.enabled().select_related("connection")
    hashed = hash_of(path)
    found = rows.filter(path_hash=hashed).first() or rows.filter(former_hash=hashed).first()
    return found if found and found.connection.is_synced else None


def receive_event(setup: WebhookSetup, body: bytes, signature: str | None) -> Verdict:
    """Store the event in `body` for a worker, and return the outcome.

    `signature` is None if the request had none.
    """
    now = timezone.now()
    signed = _is_signed(setup, body, signature)
    if signed is False:
        return _count(setup, Verdict.FORGED, last_forged_at=now)
    try:
        event = registry.platform_of(setup.connection).read_event(body)
    except Malformed:
        return _count(setup, Verdict.MALFORMED)
    changes = {"last_event_at": now} | ({"last_verified_at": now} if signed else {})
    with transaction.atomic():
        verdict = _remember(setup, event, body if signed else b"", now)
        if verdict == Verdict.TAKEN:
            transaction.on_commit(partial(event_received.send, WebhookEvent), robust=True)
        return _count(setup, verdict, signed=bool(signed), **changes)


def refuse_oversized(setup: WebhookSetup) -> Verdict:
    """Count a request that was too large to be read."""
    return _count(setup, Verdict.OVERSIZED)


def _is_signed(setup: WebhookSetup, body: bytes, signature: str | None) -> bool | None:
    """Return whether the platform signed `body`; None if that is unknown.

    An unsigned event is a hint like any other as long as no signed one has been received.
    """
    platform = registry.platform_of(setup.connection)
    if not platform.checks_signatures:
        return None
    if signature is None:
        return None if setup.last_verified_at is None else False
    # A secret that cannot be decrypted matches nothing.
    secrets = WebhookSecret.objects.filter(platform=platform.name, client_id=platform.client_id)
    fits = [platform.is_signed(body, signature, item.value) for item in secrets[:_SECRETS]]
    return any(fits)


def _remember(setup: WebhookSetup, event: Event, body: bytes, now: dt.datetime) -> Verdict:
    late = event.at < now - _STALE or _is_covered(setup, event)
    row = WebhookEvent(
        connection_id=setup.connection_id,
        event_key=event.key,
        name=event.name,
        webinar_key=event.webinar_key,
        registrant_key=event.registrant_key,
        session_key=event.session_key,
        email_key=email_key(event.email) if event.email else "",
        # A clock that is ahead must not make later events look late.
        occurred_at=min(event.at, now),
        received_at=now,
        next_try_at=now,
        body=body.decode() if event.details is not None and not late else "",
        done_at=now if late else None,
    )
    known = WebhookEvent.objects.filter(connection=setup.connection_id, event_key=event.key)
    if known.exists():
        return Verdict.REPEATED
    # Two duplicates at once: the unique key keeps one of them, and a second hint does no harm.
    WebhookEvent.objects.bulk_create([row], ignore_conflicts=True)
    return Verdict.LATE if late else Verdict.TAKEN


def _is_covered(setup: WebhookSetup, event: Event) -> bool:
    """Return whether a later event was received before: an event out of order adds nothing."""
    names = _SAME.get(event.name)
    if names is None:
        return False
    return WebhookEvent.objects.filter(
        connection=setup.connection_id,
        webinar_key=event.webinar_key,
        registrant_key=event.registrant_key,
        name__in=names,
        occurred_at__gt=event.at,
    ).exists()


def _count(
    setup: WebhookSetup, verdict: Verdict, *, signed: bool = False, **times: dt.datetime
) -> Verdict:
    counted = {verdict.value: F(verdict.value) + 1}
    if signed:
        counted["verified"] = F("verified") + 1
    WebhookSetup.objects.filter(pk=setup.pk).update(**counted, **times)
    return verdict
