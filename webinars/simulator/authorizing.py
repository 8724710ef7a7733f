"""The authorization page: a person allows or refuses, and a code goes back (RFC 6749, 4.1).

PKCE as in RFC 7636 with S256. A code is good once and for a minute.
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
    """What a code stands for."""

    redirect_uri: str
    challenge: str
    until: float


class Codes:
    """The codes that are good now."""

    def __init__(self) -> None:
        self._grants: dict[str, Grant] = {}

    def issue(self, redirect_uri: str, challenge: str) -> str:
        code = secrets.token_urlsafe(24)
        self._grants[code] = Grant(redirect_uri, challenge, time.monotonic() + _GOOD_FOR)
        return code

    def take(self, code: str, redirect_uri: str, verifier: str) -> bool:
        """Whether `code` is good for this address and verifier; it never is a second time."""
        grant = self._grants.pop(code, None)
        if grant is None or grant.until < time.monotonic() or grant.redirect_uri != redirect_uri:
            return False
        return not grant.challenge or grant.challenge == challenge_of(verifier)


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a verifier."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


async def authorize(request: Request) -> Response:
    """GET /oauth/authorize: the page; POST: what the person chose."""
    client_id = request.app.state.tokens.options.client_id
    asked = {name: request.query_params.get(name, "") for name in _ASKED}
    wrong = _wrong(asked, client_id)
    if wrong:
        return HTMLResponse(_page("This cannot go on", f"<p>{html.escape(wrong)}</p>"), 400)
    if request.method == "GET":
        return HTMLResponse(_page("Sign in to GoTo", _form(request)))
    chosen = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
    if chosen.get("choice") != "allow":
        return _back(asked, error="access_denied", error_description="The user refused.")
    code = request.app.state.codes.issue(asked["redirect_uri"], asked["code_challenge"])
    return _back(asked, code=code)


def _wrong(asked: dict[str, str], client_id: str) -> str:
    """What stops the page before anybody is asked, told to the person and not sent back."""
    if asked["client_id"] != client_id:
        return "Unknown client: the client ID is wrong."
    if asked["response_type"] != "code":
        return "Only the authorization code is handed out here."
    if urlsplit(asked["redirect_uri"]).path != "/goto/callback/":
        return "The redirect URI is not registered for this client."
    if asked["code_challenge"] and asked["code_challenge_method"] != "S256":
        return "Only S256 is taken as code challenge method."
    return ""


def _back(asked: dict[str, str], **said: str) -> Response:
    query = urlencode(said | {"state": asked["state"]})
    return RedirectResponse(f"{asked['redirect_uri']}?{query}", 303)


def _form(request: Request) -> str:
    organizer = goto_of(request).account.organizer
    who = html.escape(organizer.email if organizer else "the organizer")
    return (
        f"<p>An application wants to act for <strong>{who}</strong>.</p><form method='post'>"
        "<button name='choice' value='allow'>Allow</button> "
        "<button name='choice' value='refuse'>Refuse</button></form>"
    )


def _page(title: str, body: str) -> str:
    return (
        f"<!doctype html><html lang='en'><meta charset='utf-8'><title>{title}</title>"
        f"<h1>{title}</h1>{body}</html>"
    )
