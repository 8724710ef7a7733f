"""Create the API client of a connection, with rate limit and tokens."""

from collections.abc import Callable

from core.rate_limit.database import Priority, SharedRateLimiter
from platforms import registry
from platforms.contract import Client, Platform, RetryPolicy
from platforms.models import Connection
from platforms.tokens import ConnectionTokens

# The prefix of the keys by which calls of connections are counted.
CONNECTION_CALLS = "connection:"


def rate_limiter_for(
    connection: Connection, priority: Priority, *, wait_at_most: float | None = None
) -> SharedRateLimiter:
    """Return the rate limiter of this installation's calls with `priority`, counted for
    `connection`."""
    return _rate_limiter(
        registry.platform_of(connection),
        priority,
        counted_for=call_key(connection),
        wait_at_most=wait_at_most,
    )


def _rate_limiter(
    platform: Platform,
    priority: Priority,
    *,
    counted_for: str = "",
    wait_at_most: float | None = None,
) -> SharedRateLimiter:
    return SharedRateLimiter(
        f"{platform.name}:{platform.client_id}",
        platform.limits.calls_per_second,
        priority,
        counted_for=counted_for,
        wait_at_most=wait_at_most,
    )


def call_key(connection: Connection) -> str:
    """Return the key by which the calls of `connection` are counted (core.rate_limit)."""
    return f"{CONNECTION_CALLS}{connection.pk}"


def client_for(
    connection: Connection,
    priority: Priority = Priority.MANUAL,
    *,
    on_call: Callable[[str], None] | None = None,
    retry_policy: RetryPolicy | None = None,
    wait_at_most: float | None = None,
) -> Client:
    """Return a client of `connection` with `priority`; `on_call` is called with each call's path.

    At the lowest priority its calls raise RateLimitTimeout if others are active for `wait_at_most`
    seconds.
    """
    return registry.platform_of(connection).client(
        connection.organizer_key,
        ConnectionTokens(connection.pk),
        rate_limiter_for(connection, priority, wait_at_most=wait_at_most),
        retry_policy=retry_policy,
        on_call=on_call,
    )


class _OneToken:
    """A single access token that cannot be refreshed."""

    def __init__(self, token: str) -> None:
        self._token = token

    def access_token(self) -> str:
        return self._token

    def refreshed(self, stale: str) -> str:
        return stale


def client_with(
    platform: Platform, organizer_key: str, access_token: str, retry_policy: RetryPolicy
) -> Client:
    """Return a client for someone who has just signed in and has no connection yet."""
    return platform.client(
        organizer_key,
        _OneToken(access_token),
        _rate_limiter(platform, Priority.INTERACTIVE),
        retry_policy=retry_policy,
    )
