"""The API client of a connection, with this installation's budget and tokens."""

from collections.abc import Callable

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter

from core.rate_limit.database import Lane, SharedBudget
from platforms.gotowebinar import Client, Patience
from platforms.models import Connection
from platforms.tokens import ConnectionTokens, hosts

# A page and each detail call at the same time: so many connections to GoTo are kept open.
_POOL = 16


def budget_for(
    connection: Connection | None, lane: Lane, *, wait_at_most: float | None = None
) -> SharedBudget:
    """Return the share of `lane` in this installation's calls, counted for `connection`."""
    return SharedBudget(
        settings.GOTO_CLIENT_ID or "goto",
        settings.GOTO_CALLS_PER_SECOND,
        lane,
        counted_for=call_key(connection) if connection else "",
        wait_at_most=wait_at_most,
    )


def call_key(connection: Connection) -> str:
    """Return the key by which the calls of `connection` are counted (core.rate_limit)."""
    return f"goto:{connection.pk}"


def client_for(
    connection: Connection,
    lane: Lane = Lane.BUTTON,
    *,
    on_call: Callable[[str], None] | None = None,
    patience: Patience | None = None,
    wait_at_most: float | None = None,
) -> Client:
    """Return a client that speaks for `connection` in `lane`; `on_call` hears each call's path.

    In the lowest lane its calls raise NoTurn where others are at work for `wait_at_most` seconds.
    """
    session = requests.Session()
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(pool_maxsize=_POOL))
    return Client(
        hosts(),
        connection.organizer_key,
        ConnectionTokens(connection.pk, session=session),
        budget_for(connection, lane, wait_at_most=wait_at_most),
        session=session,
        patience=patience or Patience(),
        on_call=on_call,
    )
