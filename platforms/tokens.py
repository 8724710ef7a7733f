"""The access token of a connection, refreshed by one process at a time."""

import datetime as dt
import threading
import time
from collections.abc import Callable
from typing import Any

from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from core.conditions import has_passed
from core.db_threads import database_in_thread
from core.encryption import opened
from platforms import registry
from platforms.errors import ReauthorizationRequired, ServerError
from platforms.models import Connection
from platforms.models.error import NO_ERROR
from platforms.records import Token

State = Connection.State

# Longer than a refresh with its timeouts can take; the lease of a killed process expires.
TURN = dt.timedelta(seconds=45)
# A token this close to its expiry is refreshed before it is used.
EARLY = dt.timedelta(seconds=60)
# After a refused sign-in, the platform is not asked again for this time, unless a user asks.
ASK_AGAIN = dt.timedelta(minutes=10)
# A token younger than this many seconds is refused for another reason than its age: the platform
# also responds 403 to what it does not allow, such as registering for a full webinar.
_STILL_NEW = 60.0


class ConnectionTokens:
    """The tokens of one connection for the API client; thread-safe.

    Both methods raise ReauthorizationRequired when the platform refuses the refresh token: from
    then on the connection has that state.
    """

    def __init__(self, connection_id: int, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._id = connection_id
        self._sleep = sleep
        self._lock = threading.Lock()
        self._current = ""
        self._expires_at: dt.datetime | None = None
        self._renewed_at = float("-inf")

    def access_token(self) -> str:
        """Return a token that should still be valid."""
        with self._lock:
            if not self._fresh():
                with database_in_thread():
                    self._load()
                    if not self._fresh():
                        self._renew(self._current)
            return self._current

    def refreshed(self, stale: str) -> str:
        """Return another token than `stale`, which the platform refused; the same one if it is so
        new that the refusal must have another reason."""
        with self._lock:
            if self._current == stale and time.monotonic() - self._renewed_at > _STILL_NEW:
                with database_in_thread():
                    self._renew(stale)
            return self._current

    def _fresh(self) -> bool:
        return bool(
            self._current and self._expires_at and self._expires_at - EARLY > timezone.now()
        )

    def _load(self) -> Connection:
        connection = Connection.objects.get(pk=self._id)
        self._current, self._expires_at = opened(connection.access_token), connection.expires_at
        return connection

    def _renew(self, stale: str) -> None:
        """Refresh the token, or wait for the process that is refreshing it."""
        deadline = time.monotonic() + 2 * TURN.total_seconds()
        while time.monotonic() < deadline:
            connection = self._load()
            if self._current != stale and self._fresh():
                return
            _require_connected(connection)
            turn = self._claim_refresh(connection)
            if turn is not None and self._refresh(connection, turn):
                return
            self._sleep(0.1)
        raise ServerError("Another process has been refreshing the sign-in for too long.")

    def _claim_refresh(self, connection: Connection) -> dt.datetime | None:
        """Return until when this process may refresh; None if another one does."""
        now = timezone.now()
        free = has_passed("refreshing_until", now)
        mine = Connection.objects.filter(
            free, pk=connection.pk, token_version=connection.token_version
        )
        return now + TURN if mine.update(refreshing_until=now + TURN) else None

    def _refresh(self, connection: Connection, turn: dt.datetime) -> bool:
        """Request and save another token. False if someone has signed in again or disconnected in
        the meantime: then the response does not matter."""
        try:
            token = registry.platform_of(connection).refresh(opened(connection.refresh_token))
        except ReauthorizationRequired as error:
            if self._refused(connection, error):
                raise
            return False
        except Exception:
            mine = Connection.objects.filter(pk=self._id, refreshing_until=turn)
            mine.update(refreshing_until=None)
            raise
        if not store(connection, token, only_version=connection.token_version):
            return False
        self._renewed_at = time.monotonic()
        self._load()
        return True

    def _refused(self, connection: Connection, error: ReauthorizationRequired) -> bool:
        """Record that the connection has to be reconnected; False if the refused token is no longer
        its own."""
        now = timezone.now()
        same = Connection.objects.filter(pk=self._id, token_version=connection.token_version)
        noted = same.synced().update(
            refreshing_until=None,
            state=State.SIGN_IN_NEEDED,
            error_code="platform.sign-in-needed",
            error_params={},
            platform_message=error.platform_message or error.code,
            refused_since=Coalesce(F("refused_since"), now),
            refused_at=now,
        )
        return bool(noted)


def _require_connected(connection: Connection) -> None:
    """Raise ReauthorizationRequired if it is known that the platform would refuse the request."""
    if not connection.is_synced:
        raise ReauthorizationRequired("This account was disconnected.")
    if connection.refused_at and timezone.now() - connection.refused_at < ASK_AGAIN:
        raise ReauthorizationRequired(connection.platform_message)


def store(connection: Connection, token: Token, *, only_version: int | None = None) -> bool:
    """Save `token` with its connection, in one statement: both tokens or neither.

    A refresh usually returns no new refresh token; then the former one is kept
    (docs/gotowebinar.md). A connection that was disconnected in the meantime stays so.
    `only_version` is the version of the token used for the request: if there is a newer one,
    nothing is saved. Return whether it was.
    """
    now = timezone.now()
    kept: dict[str, Any] = {}
    if token.refresh_token:
        kept = {"refresh_token": token.refresh_token, "signed_in_at": now}
    rows = Connection.objects.synced().filter(pk=connection.pk)
    if only_version is not None:
        rows = rows.filter(token_version=only_version)
    kept_now = rows.update(
        access_token=token.access_token,
        scope=token.scope[:255],
        refreshed_at=now,
        expires_at=now + dt.timedelta(seconds=token.expires_in),
        token_version=F("token_version") + 1,
        refreshing_until=None,
        state=State.CONNECTED,
        **NO_ERROR,
        refused_since=None,
        refused_at=None,
        notified_at=None,
        **kept,
    )
    return bool(kept_now)
