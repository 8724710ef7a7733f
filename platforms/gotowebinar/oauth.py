"""OAuth: exchange, refresh and revoke tokens, and identify their user."""

import base64
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

import requests

from platforms.contract import RetryPolicy
from platforms.errors import PlatformError, ServerError
from platforms.gotowebinar import responses
from platforms.gotowebinar.answer import Answer
from platforms.gotowebinar.hosts import Hosts
from platforms.gotowebinar.retry import with_retry
from platforms.gotowebinar.transport import AccessToken, send
from platforms.records import Me, Token


@contextmanager
def _using(session: requests.Session | None) -> Iterator[requests.Session]:
    """Yield the given session, which stays open, or one for this call alone."""
    if session is not None:
        yield session
    else:
        with requests.Session() as own:
            yield own


def authorize_address(
    hosts: Hosts, client_id: str, redirect_uri: str, *, state: str, verifier: str
) -> str:
    """Return the URL at which a user authorizes us or refuses (RFC 6749, 4.1; PKCE, RFC 7636)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    asked = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "state": state,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    return f"{hosts.authorize_url}?{urlencode(asked)}"


def exchange(
    hosts: Hosts,
    client_id: str,
    client_secret: str,
    *,
    code: str,
    redirect_uri: str,
    verifier: str,
    session: requests.Session | None = None,
) -> Token:
    """Exchange `code` for tokens. Raises ReauthorizationRequired if GoTo refuses it.

    A code is valid once, so this is never retried.
    """
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
    }
    with _using(session) as using:
        return _post_for_token(using, hosts, form, (client_id, client_secret))


def refresh(
    hosts: Hosts,
    client_id: str,
    client_secret: str,
    refresh_token: str,
    *,
    session: requests.Session | None = None,
    retry_policy: RetryPolicy | None = None,
) -> Token:
    """Return a new access token. Raises ReauthorizationRequired if GoTo refuses the refresh
    token."""
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    with _using(session) as using:
        return with_retry(
            lambda: _post_for_token(using, hosts, form, (client_id, client_secret)),
            retry_policy or RetryPolicy(total=20.0),
        )


def revoke(
    hosts: Hosts,
    client_id: str,
    client_secret: str,
    refresh_token: str,
    *,
    session: requests.Session | None = None,
    retry_policy: RetryPolicy | None = None,
) -> None:
    """Revoke `refresh_token` at GoTo (RFC 7009). Raises PlatformError.

    A token that GoTo does not know counts as revoked.
    """
    form = {"token": refresh_token, "token_type_hint": "refresh_token"}
    with _using(session) as using:
        with_retry(
            lambda: responses.nothing(
                send(
                    using,
                    "POST",
                    hosts.revoke_url,
                    data=form,
                    auth=(client_id, client_secret),
                )
            ),
            retry_policy or RetryPolicy(total=10.0),
        )


def _post_for_token(
    session: requests.Session, hosts: Hosts, form: dict[str, str], client: tuple[str, str]
) -> Token:
    return responses.token(send(session, "POST", hosts.token_url, data=form, auth=client))


def fetch_identity(
    hosts: Hosts,
    access_token: str,
    token: Token | None = None,
    *,
    session: requests.Session | None = None,
    retry_policy: RetryPolicy | None = None,
) -> Me:
    """Return the organizer of a token: from the token response, the identity API or the admin API.

    In that order, because each of the three is missing or refused at times (docs/gotowebinar.md).
    Raises the error of the last one.
    """
    if token is not None and token.organizer_key:
        return Me(token.organizer_key, token.account_key, token.principal)
    with _using(session) as using:

        def ask(url: str) -> Answer:
            return send(using, "GET", url, auth=AccessToken(access_token))

        waiting = retry_policy or RetryPolicy(total=10.0)
        try:
            return with_retry(lambda: responses.identity(ask(hosts.identity_url)), waiting)
        except ServerError as error:
            if error.status is None:
                raise
        except PlatformError:
            pass
        return with_retry(lambda: responses.admin(ask(hosts.admin_url)), waiting)
