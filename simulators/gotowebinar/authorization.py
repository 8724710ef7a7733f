"""The authorization page: a person allows or denies access, and a code is returned (RFC 6749, 4.1).

PKCE as in RFC 7636 with S256. A code is valid once, for one minute.
"""

from __future__ import annotations

import base64
import hashlib
import html
import secrets
import time
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from .web import goto_of

_GOOD_FOR = 60.0
_ASKED = ("response_type", "client_id", "redirect_uri", "state", "scope", "code_challenge",
          "code_challenge_method")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code represents."""

    user_key: int
    redirect_uri: str
    challenge: str
    until: float


class Codes:
    """The valid codes."""

    def __init__(self) -> None:
        self._grants: dict[str, Grant] = {}

    def reset(self) -> None:
        """Delete every code."""
        self._grants.clear()

    def issue(self, user_key: int, redirect_uri: str, challenge: str) -> str:
        """Return a new code."""
        code = secrets.token_urlsafe(24)
        until = time.monotonic() + _GOOD_FOR
        self._grants[code] = Grant(user_key, redirect_uri, challenge, until)
        return code

    def take(self, code: str, redirect_uri: str, verifier: str) -> int | None:
        """Return the key of the user who allowed `code`, or None if it is not valid for this
        address and verifier. It is valid only once."""
        grant = self._grants.pop(code, None)
        if grant is None or grant.until < time.monotonic() or grant.redirect_uri != redirect_uri:
            return None
        if grant.challenge and grant.challenge != challenge_of(verifier):
            return None
        return grant.user_key


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a verifier."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


async def authorize(request: Request) -> Response:
    """GET /oauth/authorize: the page; POST: who signed in, and whether they allow it.

    An error in the redirect URI or the client is shown on the page, others are sent back [RFC 6749,
    4.1.2.1].
    """
    client_id = request.app.state.tokens.options.client_id
    asked = {name: request.query_params.get(name, "") for name in _ASKED}
    wrong = _wrong(asked, client_id)
    if wrong:
        return HTMLResponse(_page("This cannot go on", f"<p>{html.escape(wrong)}</p>"), 400)
    if asked["scope"] not in ("", request.app.state.tokens.scope):
        description = f"The scope {asked['scope']} is not granted to this client."
        return _back(asked, error="invalid_scope", error_description=description)
    if request.method == "GET":
        return HTMLResponse(_page("Sign in to GoTo", _form(request)))
    chosen = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
    if chosen.get("choice") != "allow":
        return _back(asked, error="access_denied", error_description="The user refused.")
    account = goto_of(request).account
    user = next((one for one in account.users if str(one.key) == chosen.get("user")), account.first)
    codes: Codes = request.app.state.codes
    code = codes.issue(user.key, asked["redirect_uri"], asked["code_challenge"])
    return _back(asked, code=code)


def _wrong(asked: dict[str, str], client_id: str) -> str:
    """Return the error that stops the page before the user is asked; it is shown and not sent
    back."""
    if asked["client_id"] != client_id:
        return "Unknown client: the client ID is wrong."
    if asked["response_type"] != "code":
        return "Only the authorization code is handed out here."
    if urlsplit(asked["redirect_uri"]).path != "/connections/callback/":
        return "The redirect URI is not registered for this client."
    if asked["code_challenge"] and asked["code_challenge_method"] != "S256":
        return "Only S256 is taken as code challenge method."
    return ""


def _back(asked: dict[str, str], **params: str) -> Response:
    query = urlencode(params | {"state": asked["state"]})
    return RedirectResponse(f"{asked['redirect_uri']}?{query}", 303)


def _form(request: Request) -> str:
    users = goto_of(request).account.users
    choices = "".join(
        f"<option value='{user.key}'>{html.escape(f'{user.name} ({user.email})')}"
        f"{'' if user.has_webinar else ', without GoToWebinar'}</option>"
        for user in users
    )
    return (
        "<p>This is the simulated GoTo. An application wants to act for you.</p>"
        "<form method='post'><p><label>Sign in as <select name='user'>"
        f"{choices}</select></label></p>"
        "<button name='choice' value='allow'>Allow</button> "
        "<button name='choice' value='refuse'>Refuse</button></form>"
    )


def _page(title: str, body: str) -> str:
    return (
        f"<!doctype html><html lang='en'><meta charset='utf-8'><title>{title}</title>"
        "<meta name='viewport' content='width=device-width'>"
        "<style>body{font:1rem/1.5 sans-serif;max-width:36rem;margin:3rem auto;padding:0 1rem}"
        "button,select{font:inherit;padding:.4rem .8rem;max-width:100%}</style>"
        f"<h1>{title}</h1>{body}</html>"
    )
