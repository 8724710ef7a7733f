"""Create, test and end connections, from a refresh token or a sign-in in the browser."""

import datetime as dt
import hashlib
import hmac
from base64 import urlsafe_b64encode

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core.encryption import Sealed
from core.rate_limit.database import Priority
from platforms import registry
from platforms.client_factory import client_for, client_with
from platforms.contract import Client, Platform, RetryPolicy
from platforms.errors import (
    NoProduct,
    NoScope,
    NotAllowed,
    PlatformError,
    ReauthorizationRequired,
)
from platforms.models import Connection, WebhookSetup
from platforms.models.error import NO_ERROR
from platforms.records import Token
from platforms.signals import connected
from platforms.tokens import store
from platforms.webhooks import subscriptions

State = Connection.State
# A user waits for the response.
_RETRY_POLICY = RetryPolicy(base=0.3, cap=2.0, total=8.0)


def connect(refresh_token: str, platform: str = registry.DEFAULT) -> Connection:
    """Sign in to `platform` with `refresh_token`; return the new or renewed connection.

    An organizer who is connected again continues where they stopped. Raises PlatformError, and
    ValueError for an invalid host in the settings.
    """
    there = registry.platform_named(platform)
    token = there.refresh(refresh_token)
    return _kept(there, token, token.refresh_token or refresh_token, None)


def authorization_url(redirect_uri: str, state: str, platform: str = registry.DEFAULT) -> str:
    """Return the URL at which the organizer authorizes us. Raises ValueError."""
    there = registry.platform_named(platform)
    return there.authorization_url(redirect_uri, state=state, verifier=_verifier(state))


def connect_authorized(
    code: str,
    redirect_uri: str,
    state: str,
    user_id: int | None = None,
    platform: str = registry.DEFAULT,
) -> Connection:
    """Return the connection of the organizer who authorized us and came back with `code`.

    Raises PlatformError (NoProduct if the account lacks the product), and ValueError for an invalid
    host in the settings.
    """
    there = registry.platform_named(platform)
    token = there.exchange(code, redirect_uri, verifier=_verifier(state))
    if not token.refresh_token:
        raise ReauthorizationRequired("GoTo handed out no refresh token for this client.")
    return _kept(there, token, token.refresh_token, user_id)


def _verifier(state: str) -> str:
    """Return the PKCE verifier for `state`. It is derived from our key, so it need not be
    stored."""
    made = hmac.new(settings.SECRET_KEY.encode(), f"pkce:{state}".encode(), hashlib.sha256)
    return urlsafe_b64encode(made.digest()).rstrip(b"=").decode()


def _kept(platform: Platform, token: Token, refresh_token: str, user_id: int | None) -> Connection:
    """Save the connection of the user of `token`, if that account may hold webinars."""
    me = platform.fetch_identity(token)
    _require_product(platform, token, me.organizer_key)
    now = timezone.now()
    # In one transaction: a process that refreshes the former tokens sees both new ones or none.
    with transaction.atomic():
        connection, _ = Connection.objects.update_or_create(
            platform=platform.name,
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
                "refused_since": None,
            },
        )
        store(connection, token)
    connection.refresh_from_db()
    # Check whether the platform still has our webhooks.
    WebhookSetup.objects.filter(connection=connection).update(checked_at=None)
    connected.send(Connection, connection=connection)
    return connection


def _require_product(platform: Platform, token: Token, organizer_key: str) -> None:
    """Raise NoProduct if this user may sign in but not hold webinars, NoScope if this client lacks
    the scope."""
    try:
        _probe(client_with(platform, organizer_key, token.access_token, _RETRY_POLICY))
    except NotAllowed as error:
        unscoped = token.scope and platform.scope and platform.scope not in token.scope.split()
        kind = NoScope if unscoped else NoProduct
        raise kind(error.platform_message, status=error.status, code=error.code) from None


def _probe(client: Client) -> None:
    now = timezone.now()
    next(client.webinars(now, now + dt.timedelta(days=1)), None)


def verify_connection(connection: Connection) -> None:
    """Make one call as `connection`, even if the platform refused our sign-in a moment ago.

    Raises PlatformError, and UnreadableSecret if the stored sign-in cannot be decrypted.
    """
    Connection.objects.filter(pk=connection.pk).update(refused_at=None)
    _probe(client_for(connection, Priority.INTERACTIVE, retry_policy=_RETRY_POLICY))


def disconnect(connection: Connection) -> Exception | None:
    """End `connection`: revoke the sign-in at the platform, delete the tokens, keep all data.

    If it cannot be revoked, the reason is returned (a PlatformError or UnreadableSecret): the
    operator removes us in the platform's portal.
    """
    failed: Exception | None = subscriptions.switch_off(connection)
    if connection.refresh_token and not isinstance(connection.refresh_token, Sealed):
        try:
            registry.platform_of(connection).revoke(
                connection.refresh_token, retry_policy=_RETRY_POLICY
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
