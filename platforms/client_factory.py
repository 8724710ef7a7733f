"""The API client of a connection, with this installation's budget and tokens."""

from collections.abc import Callable

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter

from core.rate_limit.database import Priority, SharedRateLimiter
from platforms.gotowebinar import Client, RetryPolicy
from platforms.models import Connection
from platforms.tokens import ConnectionTokens, hosts

# A page and each detail call at the same time: so many connections to GoTo are kept open.
_POOL = 16


def rate_limiter_for(
    connection: Connection | None, priority: Priority, *, wait_at_most: float | None = None
) -> SharedRateLimiter:
    """Return the share of `priority` in this installation's calls, counted for `connection`."""
    return SharedRateLimiter(
        settings.GOTO_CLIENT_ID or "goto",
        settings.GOTO_CALLS_PER_SECOND,
        priority,
        counted_for=call_key(connection) if connection else "",
        wait_at_most=wait_at_most,
    )


def call_key(connection: Connection) -> str:
    """Return the key by which the calls of `connection` are counted (core.rate_limit)."""
    return f"goto:{connection.pk}"


def client_for(
    connection: Connection,
    priority: Priority = Priority.MANUAL,
    *,
    on_call: Callable[[str], None] | None = None,
    retry_policy: RetryPolicy | None = None,
    wait_at_most: float | None = None,
) -> Client:
    """Return a client that speaks for `connection` in `priority`; `on_call` hears each call's path.

    In the lowest lane its calls raise RateLimitTimeout where others are at work for `wait_at_most`
    seconds.
    """
    session = requests.Session()
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(pool_maxsize=_POOL))
    return Client(
        hosts(),
        connection.organizer_key,
        ConnectionTokens(connection.pk, session=session),
        rate_limiter_for(connection, priority, wait_at_most=wait_at_most),
        session=session,
        retry_policy=retry_policy or RetryPolicy(),
        on_call=on_call,
    )
