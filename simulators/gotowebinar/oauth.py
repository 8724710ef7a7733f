"""The authorization server's paths: tokens for codes and refresh tokens, revocation, identity."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote_plus

from starlette.requests import Request
from starlette.responses import Response

from .authorization import Codes
from .lookup import user_of
from .records import User
from .tokens import Tokens
from .web import answer, goto_of

IDENTITY = "/identity/v1/Users/me"
ADMIN = "/admin/rest/v1/me"


async def token(request: Request) -> Response:
    """POST /oauth/token: a refresh token or an authorization code; errors as in RFC 6749, 5.2."""
    tokens: Tokens = request.app.state.tokens
    form = await _form(request)
    if not _is_our_client(request, form):
        return answer({"error": "invalid_client"}, 401)
    grant = form.get("grant_type", "")
    if grant == "authorization_code":
        codes: Codes = request.app.state.codes
        user_key = codes.take(*(form.get(name, "") for name in _CODE_FIELDS))
        if user_key is None:
            return _invalid_grant("Invalid code")
        user = goto_of(request).account.user(user_key)
        return _granted(tokens, user, *tokens.signed_in(user))
    if grant == "refresh_token":
        refreshed = tokens.refreshed(form.get("refresh_token", ""))
        return (
            _granted(tokens, *refreshed) if refreshed else _invalid_grant("Invalid refresh token")
        )
    return answer({"error": "unsupported_grant_type" if grant else "invalid_request"}, 400)


_CODE_FIELDS = ("code", "redirect_uri", "code_verifier")


def _invalid_grant(why: str) -> Response:
    return answer({"error": "invalid_grant", "error_description": why}, 400)


def _granted(tokens: Tokens, user: User, access: str, refresh: str) -> Response:
    body: dict[str, object] = {
        "access_token": access,
        "token_type": "Bearer",
        "expires_in": tokens.options.token_seconds,
        "scope": tokens.scope,
        "principal": user.email,
    }
    if refresh:
        body["refresh_token"] = refresh
    if tokens.options.legacy_token_keys:
        body |= {"organizer_key": str(user.key), "account_key": str(user.account_key)}
    return answer(body)


async def revoke(request: Request) -> Response:
    """POST /oauth/revoke: 200 also for an unknown token [RFC 7009, 2.2]."""
    form = await _form(request)
    if not _is_our_client(request, form):
        return answer({"error": "invalid_client"}, 401)
    if not form.get("token"):
        return answer({"error": "invalid_request"}, 400)
    tokens: Tokens = request.app.state.tokens
    tokens.revoke(form["token"])
    return Response(status_code=200)


async def identity_me(request: Request) -> Response:
    """GET /identity/v1/Users/me: a SCIM record whose ``id`` is the organizer key."""
    user = user_of(request)
    return answer(
        {
            "schemas": ["urn:scim:schemas:core:1.0"],
            "id": str(user.key),
            "userName": user.email,
            "displayName": user.name,
            "name": {"givenName": user.first_name, "familyName": user.last_name},
            "emails": [{"value": user.email, "primary": True}],
            "active": True,
        }
    )


async def admin_me(request: Request) -> Response:
    """GET /admin/rest/v1/me: ``key``, ``accountKey`` and ``email`` of the signed-in user."""
    user = user_of(request)
    return answer(
        {
            "key": str(user.key),
            "accountKey": str(user.account_key),
            "email": user.email,
            "firstName": user.first_name,
            "lastName": user.last_name,
        }
    )


async def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode("utf-8", "replace")))


def _is_our_client(request: Request, form: Mapping[str, str]) -> bool:
    options = request.app.state.tokens.options
    return _client(request, form) == (options.client_id, options.client_secret)


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
