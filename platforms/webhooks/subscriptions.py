"""Set up the platform's webhooks: all five events, active, posted to our URL.

The steps, in the order of the code: read what the platform has; create a signing key if there is
none; fix what is missing, duplicate, inactive or has another URL; the same for the user's
subscriptions. Each step checks before it acts, so that it can run at any time and be killed
anywhere.
"""

import datetime as dt
import logging
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from core.conditions import has_passed, through
from core.encryption import Sealed, UnreadableSecret
from core.rate_limit.database import Priority
from core.tokens import new_secret
from platforms import registry
from platforms.client_factory import client_for
from platforms.contract import Client, RetryPolicy
from platforms.error_messages import Problem, explain
from platforms.errors import InvalidRequest, NotFound, PlatformError
from platforms.models import Connection, WebhookSecret, WebhookSetup
from platforms.models.conditions import IS_CONNECTED
from platforms.models.error import NO_ERROR
from platforms.models.webhook import hash_of
from platforms.records import EventName, Webhook

logger = logging.getLogger(__name__)
State = WebhookSetup.State

EVENTS = tuple(EventName)
# The platform may lose webhooks: they are checked this often.
_CHECKED_EACH = dt.timedelta(hours=1)
# A failed setup is retried, soon at first: our URL may have been unreachable.
_TRIED_EACH = dt.timedelta(minutes=1)
_RETRY_POLICY = RetryPolicy(base=0.5, cap=3.0, total=15.0)


def can_be_reached(connection: Connection) -> bool:
    """Return whether the platform can post to us: our URL is public https, or the platform is not
    public."""
    ours = urlsplit(settings.PUBLIC_URL)
    platform = registry.platform_of(connection)
    if not platform.capabilities.webhooks:
        return False
    return ours.scheme == "https" or (bool(ours.hostname) and not platform.is_public)


def switch_on(connection: Connection) -> None:
    """Enable webhooks; a worker sets them up."""
    setup, _created = WebhookSetup.objects.get_or_create(connection=connection)
    WebhookSetup.objects.filter(pk=setup.pk).exclude(state=State.ON).update(
        state=State.SETTING_UP, checked_at=None, **NO_ERROR
    )


def renew_address(connection: Connection) -> None:
    """Create a new secret URL; the former one is accepted until the platform has the new one."""
    for setup in WebhookSetup.objects.filter(connection=connection):
        path = new_secret()
        WebhookSetup.objects.filter(pk=setup.pk, path_hash=setup.path_hash).update(
            former_path=setup.path,
            former_hash=setup.path_hash,
            path=path,
            path_hash=hash_of(path),
            checked_at=None,
        )


def switch_off(connection: Connection) -> PlatformError | UnreadableSecret | None:
    """Delete our webhooks at the platform; received events are kept. Return the error if they could
    not be deleted: then further events are refused."""
    setup = WebhookSetup.objects.filter(connection=connection).first()
    if setup is None or not setup.is_enabled:
        return None
    WebhookSetup.objects.filter(pk=setup.pk).update(
        state=State.OFF, on_since=None, former_path="", former_hash="", **NO_ERROR
    )
    try:
        _remove(client_for(connection, Priority.INTERACTIVE, retry_policy=_RETRY_POLICY), setup)
    except (PlatformError, UnreadableSecret) as error:
        return error
    return None


def _remove(client: Client, setup: WebhookSetup) -> None:
    ours = [item.key for item in client.webhooks() if _is_ours(setup, item)]
    subscriptions = [item.key for item in client.subscriptions() if item.webhook_key in ours]
    if subscriptions:
        client.delete_subscriptions(subscriptions)
    if ours:
        client.delete_webhooks(ours)
    WebhookSetup.objects.filter(pk=setup.pk).update(webhook_keys=[])


def due(now: dt.datetime) -> QuerySet[WebhookSetup]:
    """Return the setups to check: each hour, or more often while they fail."""
    failing = ~Q(state=State.ON) & Q(checked_at__lt=now - _TRIED_EACH)
    return (
        WebhookSetup.objects.enabled()
        .filter(through("connection", IS_CONNECTED))
        .filter(has_passed("checked_at", now - _CHECKED_EACH) | failing)
        .select_related("connection")
    )


def set_up(setup: WebhookSetup) -> None:
    """Bring the platform's webhooks in line with `setup`, and save the result."""
    rows = WebhookSetup.objects.enabled().filter(pk=setup.pk)
    now = timezone.now()
    rows.update(checked_at=now)
    try:
        if not can_be_reached(setup.connection):
            problem = Problem("webhooks.no-public-address")
            rows.update(state=State.FAILED, **problem.columns())
            return
        repaired = _repair(
            client_for(setup.connection, Priority.MANUAL, retry_policy=_RETRY_POLICY), setup
        )
    except Exception as error:
        problem = _explain(error)
        if isinstance(error, PlatformError):
            logger.warning(
                "The webhooks of setup %s are not set up: %s", setup.pk, problem.sentence
            )
        else:
            logger.exception("Webhooks %s are not set up", setup.pk)
        rows.update(state=State.FAILED, **problem.columns())
        return
    was_on = setup.state == State.ON
    # If they were switched off and on again in the meantime, the time was cleared.
    values: dict[str, Any] = {"on_since": Coalesce("on_since", now) if was_on else now}
    if repaired and was_on:
        values["repaired_at"] = now
    rows.update(state=State.ON, former_path="", former_hash="", **NO_ERROR, **values)


def _explain(error: Exception) -> Problem:
    """Return what `error` means for a setup, where the platform's errors are about a URL, not a
    webinar."""
    problem = explain(error)
    if isinstance(error, InvalidRequest):
        return Problem("webhooks.address-refused", platform_message=problem.platform_message)
    if isinstance(error, NotFound):
        return Problem("webhooks.not-offered", platform_message=problem.platform_message)
    return problem


def _repair(client: Client, setup: WebhookSetup) -> bool:
    """Create what is missing, and return whether anything was. Raises PlatformError."""
    if isinstance(setup.path, Sealed) or not setup.path:
        renew_address(setup.connection)
        setup.refresh_from_db()
    address = f"{settings.PUBLIC_URL}{setup.get_address()}"
    found = [item for item in client.webhooks() if _is_ours(setup, item)]
    # The platform lost everything: perhaps its signing key too.
    _have_secret(setup.connection, client, replace=bool(setup.webhook_keys) and not found)
    kept = {item.event: item for item in reversed(found) if item.event in EVENTS}
    surplus = [item.key for item in found if item not in kept.values()]
    missing = [event for event in EVENTS if event not in kept]
    if missing:
        kept |= {item.event: item for item in client.create_webhooks(address, missing)}
    # Saved before they are used: a process killed here leaves no unknown webhook.
    keys = [item.key for item in kept.values()]
    WebhookSetup.objects.filter(pk=setup.pk).update(webhook_keys=keys)
    wrong = [item.key for item in kept.values() if not item.active or item.callback_url != address]
    if wrong:
        client.activate_webhooks(address, wrong)
    subscribed = _subscribe(client, keys)
    if surplus:
        client.delete_webhooks(surplus)
    return bool(missing or wrong or subscribed or surplus)


def _have_secret(connection: Connection, client: Client, *, replace: bool) -> None:
    """Make sure that there is a signing key that can be decrypted. It belongs to our OAuth client,
    so one is enough; `replace` creates a further one, and former ones stay valid."""
    platform = registry.platform_of(connection)
    ours = {"platform": platform.name, "client_id": platform.client_id}
    newest = WebhookSecret.objects.filter(**ours).first()
    if replace or newest is None or isinstance(newest.value, Sealed):
        WebhookSecret.objects.create(**ours, value=client.create_secret_key().value)


def _is_ours(setup: WebhookSetup, webhook: Webhook) -> bool:
    """Return whether we created `webhook`: other applications of the same user may have some
    too."""
    paths = [path for path in (setup.path, setup.former_path) if path]
    return webhook.key in setup.webhook_keys or any(
        f"/{path}/" in webhook.callback_url for path in paths
    )


def _subscribe(client: Client, webhook_keys: Sequence[str]) -> bool:
    """Subscribe the user's events to each webhook, and return whether anything was missing."""
    there = {item.webhook_key: item for item in client.subscriptions()}
    asleep = [there[key] for key in webhook_keys if key in there and not there[key].active]
    missing = [key for key in webhook_keys if key not in there]
    if missing:
        client.create_subscriptions(missing)
    if asleep:
        client.activate_subscriptions(asleep)
    return bool(missing or asleep)
