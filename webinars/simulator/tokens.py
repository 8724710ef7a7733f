"""The authorization server: refreshing tokens, and telling whose token a call carries."""

from __future__ import annotations

import base64
import binascii
import secrets
import time
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote_plus

from starlette.requests import Request
from starlette.responses import Response

from .authorizing import Codes
from .options import Options
from .records import Account, Person
from .web import answer, goto_of


class Tokens:
    """Access tokens that are good now, and the refresh token they are got with.

    A refresh gives no new refresh token [GoTo's guide]; the old one stays good until revoked.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self.revoked = False
        self._good_until: dict[str, float] = {}

    def issue(self) -> str:
        """A new access token, good for the seconds of the options."""
        token = f"simulated.{secrets.token_urlsafe(24)}"
        self._good_until[token] = time.monotonic() + self.options.token_seconds
        return token

    def expire_all(self) -> int:
        """Make every access token bad; gives how many there were."""
        count = len(self._good_until)
        self._good_until.clear()
        return count

    def is_good(self, authorization: str) -> bool:
        """Whether an Authorization header carries a token that is good now."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            return False
        return self._good_until.get(token.strip(), 0) > time.monotonic()


async def token(request: Request) -> Response:
    """POST /oauth/token: a refresh token or an authorization code; errors as in RFC 6749, 5.2."""
    tokens: Tokens = request.app.state.tokens
    options = tokens.options
    form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
    if _client(request, form) != (options.client_id, options.client_secret):
        return answer({"error": "invalid_client"}, 401)
    grant = form.get("grant_type", "")
    if grant == "authorization_code":
        codes: Codes = request.app.state.codes
        told = (form.get(name, "") for name in ("code", "redirect_uri", "code_verifier"))
        if not codes.take(*told):
            reason = {"error": "invalid_grant", "error_description": "Invalid code"}
            return answer(reason, 400)
        tokens.revoked = False
        return _granted(request, tokens, refresh_token=options.refresh_token)
    if grant != "refresh_token":
        code = "unsupported_grant_type" if grant else "invalid_request"
        return answer({"error": code}, 400)
    if form.get("refresh_token") != options.refresh_token or tokens.revoked:
        reason = {"error": "invalid_grant", "error_description": "Invalid refresh token"}
        return answer(reason, 400)
    return _granted(request, tokens)


def _granted(request: Request, tokens: Tokens, **more: str) -> Response:
    options, account = tokens.options, goto_of(request).account
    body: dict[str, object] = {
        "access_token": tokens.issue(),
        "token_type": "Bearer",
        "expires_in": options.token_seconds,
        "scope": "collab:",
        "principal": _organizer(account).email,
        **more,
    }
    if options.legacy_token_keys:
        body["organizer_key"] = str(account.organizer_key)
        body["account_key"] = str(account.account_key)
    return answer(body)


async def identity_me(request: Request) -> Response:
    """GET /identity/v1/Users/me: a SCIM record whose ``id`` is the organizer key."""
    account = goto_of(request).account
    organizer = _organizer(account)
    return answer(
        {
            "schemas": ["urn:scim:schemas:core:1.0"],
            "id": str(account.organizer_key),
            "userName": organizer.email,
            "displayName": f"{organizer.first_name} {organizer.last_name}",
            "name": {"givenName": organizer.first_name, "familyName": organizer.last_name},
            "emails": [{"value": organizer.email, "primary": True}],
            "active": True,
        }
    )


async def admin_me(request: Request) -> Response:
    """GET /admin/rest/v1/me: ``key``, ``accountKey`` and ``email`` of the signed-in user."""
    account = goto_of(request).account
    organizer = _organizer(account)
    return answer(
        {
            "key": str(account.organizer_key),
            "accountKey": str(account.account_key),
            "email": organizer.email,
            "firstName": organizer.first_name,
            "lastName": organizer.last_name,
        }
    )


def _organizer(account: Account) -> Person:
    return account.organizer or Person(0, "", "", "")


def _client(request: Request, form: Mapping[str, str]) -> tuple[str, str]:
    """Client id and secret from HTTP Basic (RFC 6749, 2.3.1), else from the form."""
    scheme, _, coded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        name, _, secret = base64.b64decode(coded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return unquote_plus(name), unquote_plus(secret)
