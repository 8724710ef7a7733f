"""Credentials: static tokens of each kind, OAuth, scopes."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from . import errors
from .clock import Clock, iso
from .errors import Shape

OAUTH_SECONDS = 1800
DAY_MS = 86_400_000
CLIENT_ID, CLIENT_SECRET = "simulated-client", "simulated-secret"
CODE, REFRESH_TOKEN = "simulated-code", "simulated-refresh-token"
# Since this day no portal can create a legacy private app (documented).
NO_PRIVATE_APPS_SINCE = 1_792_972_800_000  # 26 October 2026
KINDS = ("service-key", "static-app", "private-app")
SCOPES = (
    "oauth", "crm.objects.contacts.read", "crm.objects.contacts.write",
    "crm.schemas.contacts.read", "crm.schemas.contacts.write",
    "crm.objects.marketing_events.read", "crm.objects.marketing_events.write",
    "crm.lists.read", "crm.lists.write", "forms",
    "communication_preferences.read", "communication_preferences.statuses.batch.read",
)  # fmt: skip
_SPACE = uuid.UUID("0b6f3f5e-52ad-4a3c-94ab-3f8f7d2b6c11")
_STATIC = re.compile(r"pat-(na|eu)\d-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass
class Credential:
    """An app or a key and its scopes. `app_id` owns what it creates."""

    app_id: int
    kind: str
    scopes: set[str] = field(default_factory=lambda: set(SCOPES))
    name: str = "WebinarSync"


@dataclass
class Token:
    """A token of a credential; it expires at a time in milliseconds, or never."""

    credential: Credential
    expires_at: int | None = None
    revoked: bool = False


class Tokens:
    """All tokens that the portal has issued."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.reset(1)

    def reset(self, seed: int, region: str = "na1") -> None:
        """Know only the first service key, which depends on the seed."""
        self.region = region
        self._seed = seed
        self._given = 0
        self._tokens: dict[str, Token] = {}
        # How a missing scope is reported: the text of most paths or the short one, and its key.
        self.short_scopes = False
        self.scopes_key = "requiredScopes"
        self.first = Credential(1001, "service-key")
        self.oauth = Credential(2001, "oauth")
        self.refresh_tokens = {REFRESH_TOKEN}
        self.first_token = self._issue(self.first)

    def _issue(self, credential: Credential) -> str:
        self._given += 1
        unique = uuid.uuid5(_SPACE, f"{self._seed}/{self._given}")
        token = f"pat-{self.region}-{unique}"
        self._tokens[token] = Token(credential)
        return token

    def create(self, kind: str) -> tuple[str, Credential]:
        """Create a separate credential. Raises ValueError for an unknown kind."""
        if kind not in KINDS:
            raise ValueError(f"kind is one of {', '.join(KINDS)}")
        if kind == "private-app" and self.clock.now() >= NO_PRIVATE_APPS_SINCE:
            raise ValueError("legacy private apps can no longer be created")
        credential = Credential(1001 + self._given, kind)
        return self._issue(credential), credential

    def rotate(self, grace_days: float) -> str:
        """Issue a new token for the first key; the former ones stay valid for the days of grace."""
        until = self.clock.now() + int(grace_days * DAY_MS)
        for token in self._tokens.values():
            if token.credential is self.first and token.expires_at is None:
                token.expires_at = until
        return self._issue(self.first)

    def revoke(self, on: bool = True) -> int:
        """Refuse all current tokens and the refresh tokens, or with `on` False accept them
        again."""
        for token in self._tokens.values():
            token.revoked = on
        self.refresh_tokens = set() if on else {REFRESH_TOKEN}
        return len(self._tokens)

    def credential(self, header: str) -> Credential:
        """Return whose token is in an Authorization header. Raises Refusal (401)."""
        scheme, _, text = header.partition(" ")
        text = text.strip()
        if scheme.lower() != "bearer" or not text:
            raise errors.missing_credentials()
        token, now = self._tokens.get(text), self.clock.now()
        if token is None:
            if _STATIC.fullmatch(text):
                raise errors.missing_credentials()
            # An undecipherable token is reported as expired since 1970 (seen).
            raise errors.expired(0, now, "1970-01-01T00:00:00Z")
        if token.revoked:
            raise errors.missing_credentials()
        if token.expires_at is not None and now >= token.expires_at:
            raise errors.expired(token.expires_at, now, iso(token.expires_at))
        return token.credential

    def set_missing(self, scopes: list[str]) -> None:
        """Let the first key have all scopes but these. Raises ValueError for an unknown one."""
        if unknown := set(scopes) - set(SCOPES):
            raise ValueError(f"there is no scope {', '.join(sorted(unknown))}")
        self.first.scopes = set(SCOPES) - set(scopes)

    def require(self, credential: Credential, scopes: tuple[str, ...]) -> None:
        """Raise Refusal (403) unless the credential has every one of `scopes`."""
        missing = [scope for scope in scopes if scope not in credential.scopes]
        if missing:
            raise errors.missing_scopes(missing, short=self.short_scopes, key=self.scopes_key)

    def grant(self, form: Mapping[str, str], portal_id: int) -> Shape:
        """Answer the token path. Raises Refusal (400)."""
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            raise errors.invalid("missing or invalid client id or client secret")
        kind = form.get("grant_type")
        if kind == "refresh_token":
            if form.get("refresh_token") not in self.refresh_tokens:
                raise errors.bad_refresh_token()
        elif kind == "authorization_code":
            if form.get("code") != CODE:
                raise errors.invalid("missing or unknown auth code")
        elif kind != "client_credentials":
            raise errors.invalid("missing or invalid grant_type")
        self._given += 1
        # The maximum length of a token: integrations shall allow 512 characters (documented).
        seen = [uuid.uuid5(_SPACE, f"{self._seed}/{self._given}/{at}").hex for at in range(16)]
        text = "".join(seen)
        self._tokens[text] = Token(self.oauth, self.clock.now() + OAUTH_SECONDS * 1000)
        own = kind == "client_credentials"
        return {
            "access_token": text,
            "token_use": "client_credentials" if own else "access_token",
            **({} if own else {"refresh_token": REFRESH_TOKEN}),
            "expires_in": OAUTH_SECONDS,
            "token_type": "bearer",
            "hub_id": portal_id,
            "scopes": sorted(self.oauth.scopes),
            "user_id": 101,
        }

    def introspect(self, form: Mapping[str, str], portal_id: int) -> Shape:
        """Return the details of a token."""
        token, now = self._tokens.get(form.get("token", "")), self.clock.now()
        if token is None or token.revoked:
            return {"active": False}
        left = 0 if token.expires_at is None else (token.expires_at - now) // 1000
        if token.expires_at is not None and left <= 0:
            return {"active": False}
        return {
            "active": True,
            "hub_id": portal_id,
            "hub_domain": f"{portal_id}.example.com",
            "app_id": token.credential.app_id,
            "expires_in": left,
            "scopes": sorted(token.credential.scopes),
            "user_id": 101,
            "token_type": "bearer",
            "token_use": "access_token",
        }
