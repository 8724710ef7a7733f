"""Making a connection: from a refresh token, or from what a person allowed in the browser."""

import hashlib
import hmac
from base64 import urlsafe_b64encode

import requests
from django.conf import settings
from django.utils import timezone

from webinars.gotowebinar import SignInNeeded, Token, authorize_address, exchange, refresh, who_am_i
from webinars.models import Connection
from webinars.sync.tokens import hosts, store


def connect(refresh_token: str) -> Connection:
    """Sign in with `refresh_token` and return the organizer's connection, new or renewed.

    The same organizer connected again continues where it stopped. Raises GoToError, and
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
        return _kept(token, token.refresh_token or refresh_token, session)


def address_to_allow(redirect_uri: str, state: str) -> str:
    """Return GoTo's address at which the organizer allows us to act. Raises ValueError."""
    return authorize_address(
        hosts(), settings.GOTO_CLIENT_ID, redirect_uri, state=state, verifier=_verifier(state)
    )


def connect_allowed(code: str, redirect_uri: str, state: str) -> Connection:
    """Return the connection of the organizer who allowed it and came back with `code`.

    Raises GoToError, and ValueError where a host in the settings is none.
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
            raise SignInNeeded("GoTo handed out no refresh token for this client.")
        return _kept(token, token.refresh_token, session)


def _verifier(state: str) -> str:
    """Return the PKCE verifier that belongs to `state`: made of our key, and so stored nowhere."""
    made = hmac.new(settings.SECRET_KEY.encode(), f"pkce:{state}".encode(), hashlib.sha256)
    return urlsafe_b64encode(made.digest()).rstrip(b"=").decode()


def _kept(token: Token, refresh_token: str, session: requests.Session) -> Connection:
    me = who_am_i(hosts(), token.access_token, token, session=session)
    connection, _ = Connection.objects.update_or_create(
        organizer_key=me.organizer_key,
        defaults={
            "account_key": me.account_key or "",
            "email": me.email or token.principal or "",
            "refresh_token": refresh_token,
            "connected_at": timezone.now(),
        },
    )
    store(connection, token)
    connection.refresh_from_db()
    return connection
