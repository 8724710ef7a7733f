"""Signing in: a new access token, and whose it is."""

from collections.abc import Iterator
from contextlib import contextmanager

import requests

from webinars.gotowebinar import deciphering
from webinars.gotowebinar.errors import GoToBroken, GoToError
from webinars.gotowebinar.hosts import Hosts
from webinars.gotowebinar.records import Me, Token
from webinars.gotowebinar.retrying import Patience, retrying
from webinars.gotowebinar.transport import send


@contextmanager
def _using(session: requests.Session | None) -> Iterator[requests.Session]:
    """Give the session that was handed in, which stays open, or one for this call alone."""
    if session is not None:
        yield session
    else:
        with requests.Session() as own:
            yield own


def refresh(
    hosts: Hosts,
    client_id: str,
    client_secret: str,
    refresh_token: str,
    *,
    session: requests.Session | None = None,
    patience: Patience | None = None,
) -> Token:
    """Return a new access token. Raises SignInNeeded where GoTo does not take the old one."""
    with _using(session) as using:
        return retrying(
            lambda: deciphering.token(
                send(
                    using,
                    "POST",
                    hosts.token_url,
                    headers={},
                    data={"grant_type": "refresh_token", "refresh_token": refresh_token},
                    auth=(client_id, client_secret),
                )
            ),
            patience or Patience(total=20.0),
        )


def who_am_i(
    hosts: Hosts,
    access_token: str,
    token: Token | None = None,
    *,
    session: requests.Session | None = None,
    patience: Patience | None = None,
) -> Me:
    """Return the organizer behind a token: from the token's answer, identity, or admin.

    That order, because each of the three is missing or refused at times (docs/gotowebinar.md).
    Raises the error of the last one asked.
    """
    if token is not None and token.organizer_key:
        return Me(token.organizer_key, token.account_key, token.principal)
    with _using(session) as using:

        def ask(url: str) -> deciphering.Answer:
            return send(using, "GET", url, headers={"Authorization": f"Bearer {access_token}"})

        waiting = patience or Patience(total=10.0)
        try:
            return retrying(lambda: deciphering.identity(ask(hosts.identity_url)), waiting)
        except GoToBroken as error:
            if error.status is None:
                raise
        except GoToError:
            pass
        return retrying(lambda: deciphering.admin(ask(hosts.admin_url)), waiting)
