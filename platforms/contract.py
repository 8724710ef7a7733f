"""The interface of webinar platforms (docs/adding-a-platform.md).

Packages above use these protocols, `platforms.records`, `platforms.errors` and
`platforms.registry`, and no platform by its name. A platform is one package whose class is one of
`platforms.apps.PLATFORMS`. It subclasses `Platform`, and its client `Client`. Methods that a
platform cannot support are inherited from here and raise Unsupported, and its `Capabilities` say
so.
"""

import datetime as dt
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from platforms import records
from platforms.errors import Unsupported


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """Features that only some platforms have. Missing ones are neither called nor reported."""

    # Reports the number of seats and how many are taken. Without it there is no waiting list.
    waiting_list: bool
    # Organizers can approve registrants manually.
    approval: bool
    # A registrant can be cancelled by an API call.
    cancel_registrants: bool
    questions: bool
    polls: bool
    surveys: bool
    # Panelists and co-organizers.
    speakers: bool
    # Lists the past sessions of all webinars in one call.
    recent_sessions: bool
    # Posts webhook events.
    webhooks: bool


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits for calls to a platform."""

    calls_per_second: float = 10.0
    # Parallel calls of one job.
    parallel_calls: int = 4
    # Registrants per call; used to estimate what a sync costs.
    page_size: int = 200


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """When to give up retrying, in seconds: the first delay, the longest delay, and the total,
    including failed calls, each of which can take until its timeout."""

    base: float = 0.5
    cap: float = 20.0
    total: float = 150.0

    def wait(self, attempt: int, retry_after: float | None) -> float:
        """Return the delay after failed attempt number `attempt` (from 0)."""
        if retry_after is not None:
            return retry_after
        return random.uniform(0, min(self.cap, self.base * 2 ** min(attempt, 16)))


class TokenSource(Protocol):
    """A source of access tokens. Both methods raise ReauthorizationRequired if there is none."""

    def access_token(self) -> str: ...

    def refreshed(self, stale: str) -> str:
        """Return another token than `stale`, which was refused; the same one if another cannot
        help."""


class Budget(Protocol):
    """Shares the allowed calls a second among all callers."""

    def acquire(self) -> None:
        """Return when one more call may be made."""


class Client(Protocol):
    """Calls of one organizer. Every method raises only `platforms.errors.PlatformError`.

    A webinar, session or registrant is identified by its key: any text of at most 255 characters
    that begins with the platform's `key_prefix`. Unreadable rows of a list are left out, and
    counted in `skipped` by the name of the list.
    """

    capabilities: Capabilities
    limits: Limits

    @property
    def skipped(self) -> Mapping[str, int]:
        """How many rows could not be read since the client was created; 0 for other names."""

    # -- webinars ------------------------------------------------------------------------------

    def webinars(self, start: dt.datetime, end: dt.datetime) -> Iterator[records.Webinar]:
        """Yield the organizer's webinars scheduled between two times."""

    def webinar(self, key: str) -> records.WebinarDetails:
        """Return one webinar. Raises NotFound if it is gone."""

    def registration_fields(self, key: str) -> records.RegistrationFields:
        """Return the fields of the platform's own form, with our names where we have one."""

    # -- registrants ---------------------------------------------------------------------------

    def registrants(self, key: str) -> Iterator[Sequence[records.Registrant]]:
        """Yield the registrants of a webinar in pages, without cancelled ones."""

    def registrant(self, key: str, registrant_key: str) -> records.RegistrantDetails:
        """Return the details of one registrant. Raises NotFound if they are gone (rule 4)."""

    def create_registrant(self, key: str, person: records.NewRegistrant) -> records.Created:
        """Register `person`. Raises AlreadyRegistered if the address is registered, so that
        repeating is safe; InvalidRequest, with our names of the fields, if values are refused."""

    def cancel_registrant(self, key: str, registrant_key: str) -> None:
        """Remove a registrant from the list."""
        raise Unsupported

    # -- speakers ------------------------------------------------------------------------------

    def panelists(self, key: str) -> Sequence[records.Speaker]:
        raise Unsupported

    def coorganizers(self, key: str) -> Sequence[records.Speaker]:
        raise Unsupported

    # -- sessions ------------------------------------------------------------------------------

    def sessions(self, key: str) -> Iterator[records.Session]:
        """Yield the past sessions of a webinar."""

    def session_is_known(self, key: str, session_key: str) -> bool:
        """Return whether the platform has a session."""

    def organizer_sessions(self, start: dt.datetime, end: dt.datetime) -> Iterator[records.Session]:
        """Yield the sessions of all the organizer's webinars between two times."""
        raise Unsupported

    def attendees(self, key: str) -> Iterator[Sequence[records.Attendee]]:
        """Yield the attendees of all sessions of a webinar in pages."""

    def questions(self, key: str, session_key: str) -> Sequence[records.Question]:
        raise Unsupported

    def poll_summaries(self, key: str, session_key: str) -> Sequence[records.PollSummary]:
        """Return the polls of a session, each with the number of answers."""
        raise Unsupported

    def survey_summaries(self, key: str, session_key: str) -> Sequence[records.PollSummary]:
        """Return the questions of a session's survey, each with the number of answers."""
        raise Unsupported

    def poll_answers(
        self, key: str, session_key: str, registrant_key: str
    ) -> Sequence[records.PollAnswer]:
        raise Unsupported

    def survey_answers(
        self, key: str, session_key: str, registrant_key: str
    ) -> Sequence[records.PollAnswer]:
        raise Unsupported

    # -- webhooks ------------------------------------------------------------------------------

    def create_secret_key(self) -> records.SecretKey:
        """Have the platform create a key with which it signs its events from now on."""
        raise Unsupported

    def webhooks(self) -> Sequence[records.Webhook]:
        raise Unsupported

    def create_webhooks(
        self, callback_url: str, events: Sequence[str]
    ) -> Sequence[records.Webhook]:
        """Create inactive webhooks. The platform may first call `callback_url`, which responds
        200."""
        raise Unsupported

    def activate_webhooks(self, callback_url: str, keys: Sequence[str]) -> None:
        raise Unsupported

    def delete_webhooks(self, keys: Sequence[str]) -> None:
        raise Unsupported

    def subscriptions(self) -> Sequence[records.Subscription]:
        """Return which of the user's events go to which webhook."""
        raise Unsupported

    def create_subscriptions(self, webhook_keys: Sequence[str]) -> Sequence[records.Subscription]:
        raise Unsupported

    def activate_subscriptions(self, subscriptions: Sequence[records.Subscription]) -> None:
        raise Unsupported

    def delete_subscriptions(self, keys: Sequence[str]) -> None:
        raise Unsupported


class Platform(Protocol):
    """A webinar platform, configured by this installation's settings."""

    # Stored in the database (`Connection.platform`); it never changes.
    name: str
    # The name for people.
    label: str
    # The prefix of the keys of webinars, sessions and registrants, so that keys of two platforms
    # never clash.
    key_prefix: str
    capabilities: Capabilities
    # The OAuth scope that a client needs; "" if there are none.
    scope: str = ""

    @property
    def limits(self) -> Limits:
        """The limits for calls."""

    @property
    def client_id(self) -> str:
        """The OAuth client id; "" if none is set."""

    @property
    def is_configured(self) -> bool:
        """Whether the settings are complete for connecting an account."""

    @property
    def is_public(self) -> bool:
        """Whether it runs on the internet, and so reaches public addresses only."""

    @property
    def sign_in_url(self) -> str:
        """The server where users authorize us. Raises ValueError for an invalid setting."""

    @property
    def signature_header(self) -> str:
        """The header with the signature of an event."""
        return ""

    @property
    def checks_signatures(self) -> bool:
        """Whether signatures of events are to be verified."""
        return False

    # -- OAuth ---------------------------------------------------------------------------------

    def authorization_url(self, redirect_uri: str, *, state: str, verifier: str) -> str:
        """Return the URL at which a user authorizes us or refuses (RFC 6749, 4.1; PKCE, RFC 7636).

        Raises ValueError for an invalid setting.
        """

    def exchange(self, code: str, redirect_uri: str, *, verifier: str) -> records.Token:
        """Exchange `code` for tokens, once. Raises ReauthorizationRequired if it is refused."""

    def refresh(self, refresh_token: str) -> records.Token:
        """Return a new access token. Raises ReauthorizationRequired if the refresh token or our
        client is refused."""

    def revoke(self, refresh_token: str, *, retry_policy: RetryPolicy | None = None) -> None:
        """Revoke `refresh_token`. An unknown one counts as revoked."""

    def fetch_identity(self, token: records.Token) -> records.Me:
        """Return the organizer of `token`."""

    # -- calls ---------------------------------------------------------------------------------

    def client(
        self,
        organizer_key: str,
        tokens: TokenSource,
        budget: Budget,
        *,
        retry_policy: RetryPolicy | None = None,
        on_call: Callable[[str], None] | None = None,
    ) -> Client:
        """Return a thread-safe client; `on_call` is called with the path, without keys, of each
        request. Raises ValueError for an invalid setting."""

    # -- webhooks ------------------------------------------------------------------------------

    def read_event(self, body: bytes) -> records.Event:
        """Return the event in `body`. Raises Malformed."""
        raise Unsupported

    def is_signed(self, body: bytes, signature: str, secret: str) -> bool:
        """Return whether `signature` is that of the raw `body` with `secret`, in constant time."""
        raise Unsupported
