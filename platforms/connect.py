"""Making a connection: from a refresh token, or from what a person allowed in the browser; testing
it, and ending it.
"""

import datetime as dt
import hashlib
import hmac
from base64 import urlsafe_b64encode

import requests
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core.encryption import Sealed
from core.rate_limit.database import Priority
from platforms.client_factory import client_for, rate_limiter_for
from platforms.gotowebinar import (
    Client,
    NoProduct,
    NoScope,
    NotAllowed,
    PlatformError,
    ReauthorizationRequired,
    RetryPolicy,
    Token,
    authorize_address,
    exchange,
    fetch_identity,
    refresh,
    revoke,
)
from platforms.models import Connection, WebhookSetup
from platforms.models.error import NO_ERROR
from platforms.signals import connected
from platforms.tokens import hosts, store
from platforms.webhooks import subscriptions

State = Connection.State
# What a client has to be allowed for GoToWebinar (docs/gotowebinar.md).
SCOPE = "collab:"
# A person waits for the answer.
_RETRY_POLICY = RetryPolicy(base=0.3, cap=2.0, total=8.0)


def connect(refresh_token: str) -> Connection:
    """Sign in with `refresh_token` and return the organizer's connection, new or renewed.

    The same organizer connected again continues where it stopped. Raises PlatformError, and
    ValueError where a host in the settings is none.
    """
    with requests.Session() as session:
        token = refresh(
            hosts(),
            settings.GOTO_CLIENT_ID,
            settings.GOTO_CLIENT_SECRET,
            refresh_token,
            session=session,
        )
        return _kept(token, token.refresh_token or refresh_token, session, None)


def authorization_url(redirect_uri: str, state: str) -> str:
    """Return GoTo's address at which the organizer allows us to act. Raises ValueError."""
    return authorize_address(
        hosts(), settings.GOTO_CLIENT_ID, redirect_uri, state=state, verifier=_verifier(state)
    )


def connect_authorized(
    code: str, redirect_uri: str, state: str, user_id: int | None = None
) -> Connection:
    """Return the connection of the organizer who allowed it and came back with `code`.

    Raises PlatformError (NoProduct where that account has no GoToWebinar), and ValueError where a
    host in the settings is none.
    """
    with requests.Session() as session:
        token = exchange(
            hosts(),
            settings.GOTO_CLIENT_ID,
            settings.GOTO_CLIENT_SECRET,
            code=code,
            redirect_uri=redirect_uri,
            verifier=_verifier(state),
            session=session,
        )
        if not token.refresh_token:
            raise ReauthorizationRequired("GoTo handed out no refresh token for this client.")
        return _kept(token, token.refresh_token, session, user_id)


def _verifier(state: str) -> str:
    """Return the PKCE verifier that belongs to `state`: made of our key, and so stored nowhere."""
    made = hmac.new(settings.SECRET_KEY.encode(), f"pkce:{state}".encode(), hashlib.sha256)
    return urlsafe_b64encode(made.digest()).rstrip(b"=").decode()


def _kept(
    token: Token, refresh_token: str, session: requests.Session, user_id: int | None
) -> Connection:
    """Write the connection of whoever `token` speaks for, if that account has GoToWebinar."""
    me = fetch_identity(hosts(), token.access_token, token, session=session)
    _require_product(token, me.organizer_key, session)
    now = timezone.now()
    # At once: whoever refreshes the tokens from before either sees both new ones or none.
    with transaction.atomic():
        connection, _ = Connection.objects.update_or_create(
            organizer_key=me.organizer_key,
            defaults={
                "account_key": me.account_key or "",
                "email": me.email or token.principal or "",
                "refresh_token": refresh_token,
                "state": State.CONNECTED,
                "connected_at": now,
                "connected_by_id": user_id,
                "signed_in_at": now,
                "disconnected_at": None,
            },
        )
        store(connection, token)
    connection.refresh_from_db()
    # See whether the platform still has our webhooks.
    WebhookSetup.objects.filter(connection=connection).update(checked_at=None)
    connected.send(Connection, connection=connection)
    return connection


class _Just:
    """One access token that nobody can renew."""

    def __init__(self, token: str) -> None:
        self._token = token

    def access_token(self) -> str:
        return self._token

    def refreshed(self, stale: str) -> str:
        return stale


def _require_product(token: Token, organizer_key: str, session: requests.Session) -> None:
    """Raise NoProduct where GoTo lets this person sign in and not use GoToWebinar, NoScope where
    it lets nobody who comes from this client."""
    client = Client(
        hosts(),
        organizer_key,
        _Just(token.access_token),
        rate_limiter_for(None, Priority.INTERACTIVE),
        session=session,
        retry_policy=_RETRY_POLICY,
    )
    try:
        _probe(client)
    except NotAllowed as error:
        unscoped = token.scope and SCOPE not in token.scope.split()
        kind = NoScope if unscoped else NoProduct
        raise kind(error.words, status=error.status, code=error.code) from None


def _probe(client: Client) -> None:
    now = timezone.now()
    next(client.webinars(now, now + dt.timedelta(days=1)), None)


def verify_connection(connection: Connection) -> None:
    """Make one call as `connection`, also where GoTo refused our sign-in a moment ago.

    Raises PlatformError, and UnreadableSecret where the kept sign-in cannot be decrypted.
    """
    Connection.objects.filter(pk=connection.pk).update(refused_at=None)
    _probe(client_for(connection, Priority.INTERACTIVE, retry_policy=_RETRY_POLICY))


def disconnect(connection: Connection) -> Exception | None:
    """End `connection`: GoTo is told, the tokens are forgotten, all that is known stays.

    Where GoTo cannot be told, the reason is returned (a PlatformError or UnreadableSecret): the
    operator removes us in GoTo's portal.
    """
    failed: Exception | None = subscriptions.switch_off(connection)
    if connection.refresh_token and not isinstance(connection.refresh_token, Sealed):
        try:
            revoke(
                hosts(),
                settings.GOTO_CLIENT_ID,
                settings.GOTO_CLIENT_SECRET,
                connection.refresh_token,
                retry_policy=_RETRY_POLICY,
            )
        except PlatformError as error:
            failed = error
    Connection.objects.filter(pk=connection.pk).update(
        state=State.DISCONNECTED,
        disconnected_at=timezone.now(),
        access_token="",
        refresh_token="",
        scope="",
        expires_at=None,
        refreshed_at=None,
        signed_in_at=None,
        refused_since=None,
        refused_at=None,
        notified_at=None,
        **NO_ERROR,
    )
    connection.refresh_from_db()
    return failed
