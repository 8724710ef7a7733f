"""GoToWebinar as a platform of this installation."""

from collections.abc import Callable
from typing import Protocol
from urllib.parse import urlsplit

from platforms import contract
from platforms.gotowebinar import oauth, webhook_events
from platforms.gotowebinar.client import CAPABILITIES, Client
from platforms.gotowebinar.endpoints import PAGE_SIZE
from platforms.gotowebinar.hosts import Hosts
from platforms.records import Event, Me, Token


class Settings(Protocol):
    """The settings of GoToWebinar (docs/reference.md)."""

    GOTO_API_URL: str
    GOTO_AUTH_URL: str
    GOTO_CLIENT_ID: str
    GOTO_CLIENT_SECRET: str
    GOTO_CALLS_PER_SECOND: float
    GOTO_PARALLEL_CALLS: int
    GOTO_WEBHOOK_SIGNATURE: str
    GOTO_WEBHOOK_SIGNATURE_HEADER: str


class GoToWebinar(contract.Platform):
    """GoToWebinar, with the settings of an installation, which are read on each use."""

    name = "gotowebinar"
    label = "GoToWebinar"
    key_prefix = ""
    capabilities = CAPABILITIES
    scope = "collab:"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def _hosts(self) -> Hosts:
        return Hosts(self._settings.GOTO_API_URL, self._settings.GOTO_AUTH_URL)

    @property
    def limits(self) -> contract.Limits:
        return contract.Limits(
            self._settings.GOTO_CALLS_PER_SECOND,
            max(1, self._settings.GOTO_PARALLEL_CALLS),
            PAGE_SIZE,
        )

    @property
    def client_id(self) -> str:
        return self._settings.GOTO_CLIENT_ID

    @property
    def is_configured(self) -> bool:
        return bool(self._settings.GOTO_CLIENT_ID and self._settings.GOTO_CLIENT_SECRET)

    @property
    def is_public(self) -> bool:
        """# A simulator uses http."""
        return urlsplit(self._settings.GOTO_API_URL).scheme != "http"

    @property
    def sign_in_url(self) -> str:
        return self._hosts().authorize_url

    @property
    def checks_signatures(self) -> bool:
        return self._settings.GOTO_WEBHOOK_SIGNATURE != "none"

    @property
    def signature_header(self) -> str:
        return self._settings.GOTO_WEBHOOK_SIGNATURE_HEADER

    # -- OAuth ---------------------------------------------------------------------------------

    def authorization_url(self, redirect_uri: str, *, state: str, verifier: str) -> str:
        return oauth.authorize_address(
            self._hosts(), self.client_id, redirect_uri, state=state, verifier=verifier
        )

    def exchange(self, code: str, redirect_uri: str, *, verifier: str) -> Token:
        return oauth.exchange(
            self._hosts(),
            self.client_id,
            self._settings.GOTO_CLIENT_SECRET,
            code=code,
            redirect_uri=redirect_uri,
            verifier=verifier,
        )

    def refresh(self, refresh_token: str) -> Token:
        return oauth.refresh(
            self._hosts(), self.client_id, self._settings.GOTO_CLIENT_SECRET, refresh_token
        )

    def revoke(
        self, refresh_token: str, *, retry_policy: contract.RetryPolicy | None = None
    ) -> None:
        oauth.revoke(
            self._hosts(),
            self.client_id,
            self._settings.GOTO_CLIENT_SECRET,
            refresh_token,
            retry_policy=retry_policy,
        )

    def fetch_identity(self, token: Token) -> Me:
        return oauth.fetch_identity(self._hosts(), token.access_token, token)

    # -- calls ---------------------------------------------------------------------------------

    def client(
        self,
        organizer_key: str,
        tokens: contract.TokenSource,
        budget: contract.Budget,
        *,
        retry_policy: contract.RetryPolicy | None = None,
        on_call: Callable[[str], None] | None = None,
    ) -> Client:
        return Client(
            self._hosts(),
            organizer_key,
            tokens,
            budget,
            retry_policy=retry_policy,
            on_call=on_call,
            limits=self.limits,
        )

    # -- webhooks ------------------------------------------------------------------------------

    def read_event(self, body: bytes) -> Event:
        return webhook_events.read_event(body)

    def is_signed(self, body: bytes, signature: str, secret: str) -> bool:
        return webhook_events.is_signed(
            body, signature, secret, self._settings.GOTO_WEBHOOK_SIGNATURE
        )
