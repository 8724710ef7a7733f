"""What a platform where webinars are held has to offer (docs/adding-a-platform.md).

Everything above knows these protocols, `platforms.records`, `platforms.errors` and
`platforms.registry`, and no platform by its name. A platform is one package whose class is one of
`platforms.apps.PLATFORMS`. It subclasses `Platform`, and its client `Client`: what a platform
cannot do keeps the method given here, which raises Unsupported, and its `Capabilities` say so.
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
    """What one platform has and another lacks. What it lacks is not asked for and not missed."""

    # It tells how many seats there are and how many are taken. Without, no one waits for one here.
    waiting_list: bool
    # An organizer can admit registrants by hand.
    approval: bool
    # A registrant can be cancelled by an API call.
    cancel_registrants: bool
    questions: bool
    polls: bool
    surveys: bool
    # Panelists and co-organizers.
    speakers: bool
    # It tells in one call which of all webinars have run.
    recent_sessions: bool
    # It posts events to us.
    webhooks: bool


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may be asked of a platform."""

    calls_per_second: float = 10.0
    # Calls of one job at the same time.
    parallel_calls: int = 4
    # Registrants that one call lists: what a sync costs is estimated by it.
    page_size: int = 200


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long to go on, in seconds: a first wait, the longest wait, and everything together, the
    calls that failed included: each may take as long as its time-out."""

    base: float = 0.5
    cap: float = 20.0
    total: float = 150.0

    def wait(self, attempt: int, retry_after: float | None) -> float:
        """Return how long to wait after failed attempt number `attempt` (from 0)."""
        if retry_after is not None:
            return retry_after
        return random.uniform(0, min(self.cap, self.base * 2 ** min(attempt, 16)))


class TokenSource(Protocol):
    """Where access tokens come from. Both raise ReauthorizationRequired when there are no more."""

    def access_token(self) -> str: ...

    def refreshed(self, stale: str) -> str:
        """Return another token than `stale`, which was refused; the same one where another cannot
        help."""


class Budget(Protocol):
    """What shares the calls a second among all who call."""

    def acquire(self) -> None:
        """Return when one more call may be made."""


class Client(Protocol):
    """Calls of one organizer. Every method raises `platforms.errors.PlatformError` only.

    A webinar, session or registrant is named by its key: any text of at most 255 characters that
    begins with the platform's `key_prefix`. A list leaves out a row that cannot be understood, and
    counts it in `skipped` by the name of the list.
    """

    capabilities: Capabilities
    limits: Limits

    @property
    def skipped(self) -> Mapping[str, int]:
        """How many rows could not be read since the client was made; 0 for any other name."""

    # -- webinars ------------------------------------------------------------------------------

    def webinars(self, start: dt.datetime, end: dt.datetime) -> Iterator[records.Webinar]:
        """Yield the organizer's webinars scheduled between two times."""

    def webinar(self, key: str) -> records.WebinarDetails:
        """Return one webinar. Raises NotFound where it is gone."""

    def registration_fields(self, key: str) -> records.RegistrationFields:
        """Return what the platform's own form asks for, in our names where we have one."""

    # -- registrants ---------------------------------------------------------------------------

    def registrants(self, key: str) -> Iterator[Sequence[records.Registrant]]:
        """Yield the registrants of a webinar, a page at a time, without those who cancelled."""

    def registrant(self, key: str, registrant_key: str) -> records.RegistrantDetails:
        """Return all about one registrant. Raises NotFound where they are gone (rule 4)."""

    def create_registrant(self, key: str, person: records.NewRegistrant) -> records.Created:
        """Register `person`. Raises AlreadyRegistered where the address is, so that repeating it
        is safe; InvalidRequest, with our names of the fields, where something is refused."""

    def cancel_registrant(self, key: str, registrant_key: str) -> None:
        """Take a registrant off the list."""
        raise Unsupported

    # -- speakers ------------------------------------------------------------------------------

    def panelists(self, key: str) -> Sequence[records.Speaker]:
        raise Unsupported

    def coorganizers(self, key: str) -> Sequence[records.Speaker]:
        raise Unsupported

    # -- sessions ------------------------------------------------------------------------------

    def sessions(self, key: str) -> Iterator[records.Session]:
        """Yield the sessions of a webinar that have run."""

    def session_is_known(self, key: str, session_key: str) -> bool:
        """Return whether the platform knows a session, asked for it alone."""

    def organizer_sessions(self, start: dt.datetime, end: dt.datetime) -> Iterator[records.Session]:
        """Yield the sessions of all the organizer's webinars that ran between two times."""
        raise Unsupported

    def attendees(self, key: str) -> Iterator[Sequence[records.Attendee]]:
        """Yield the attendees of all sessions of a webinar, a page at a time."""

    def questions(self, key: str, session_key: str) -> Sequence[records.Question]:
        raise Unsupported

    def poll_summaries(self, key: str, session_key: str) -> Sequence[records.PollSummary]:
        """Return the polls of a session, each with how many answered."""
        raise Unsupported

    def survey_summaries(self, key: str, session_key: str) -> Sequence[records.PollSummary]:
        """Return the questions of a session's survey, each with how many answered."""
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
        """Have the platform make a key that it signs its events with from now on."""
        raise Unsupported

    def webhooks(self) -> Sequence[records.Webhook]:
        raise Unsupported

    def create_webhooks(
        self, callback_url: str, events: Sequence[str]
    ) -> Sequence[records.Webhook]:
        """Make webhooks, inactive. The platform may ask `callback_url` first: it answers 200."""
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
    """A platform where webinars are held, as this installation is set up to use it."""

    # Stands in the database (`Connection.platform`), and never changes.
    name: str
    # What people call it.
    label: str
    # Begins each key of a webinar, session or registrant, so that the keys of two platforms never
    # meet, wherever they stand. The platform's numbers have none.
    key_prefix: str
    capabilities: Capabilities
    # What a client has to be allowed, by the words of OAuth; "" where there are none.
    scope: str = ""

    @property
    def limits(self) -> Limits:
        """How much may be asked."""

    @property
    def client_id(self) -> str:
        """As which OAuth client we sign in; "" where none is set."""

    @property
    def is_configured(self) -> bool:
        """Whether the settings have all that is needed to connect an account."""

    @property
    def is_public(self) -> bool:
        """Whether it is on the internet, and so reaches public addresses alone."""

    @property
    def sign_in_url(self) -> str:
        """The server at which people allow us to act. Raises ValueError where a setting is odd."""

    @property
    def signature_header(self) -> str:
        """The header with the signature of an event."""
        return ""

    @property
    def checks_signatures(self) -> bool:
        """Whether the signatures of events are to be looked at."""
        return False

    # -- OAuth ---------------------------------------------------------------------------------

    def authorization_url(self, redirect_uri: str, *, state: str, verifier: str) -> str:
        """Return the address at which a person allows or refuses (RFC 6749, 4.1; PKCE, RFC 7636).
        Raises ValueError where a setting is odd."""

    def exchange(self, code: str, redirect_uri: str, *, verifier: str) -> records.Token:
        """Return the tokens that `code` stands for, asked for once. Raises ReauthorizationRequired
        where it is not taken."""

    def refresh(self, refresh_token: str) -> records.Token:
        """Return a new access token. Raises ReauthorizationRequired where the old one is not
        taken, or our client is not."""

    def revoke(self, refresh_token: str, *, retry_policy: RetryPolicy | None = None) -> None:
        """Give `refresh_token` back. One that is not known counts as revoked."""

    def fetch_identity(self, token: records.Token) -> records.Me:
        """Return the organizer for whom `token` speaks."""

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
        """Return a client, safe to share among threads; `on_call` hears the path, without keys, of
        each request sent. Raises ValueError where a setting is odd."""

    # -- webhooks ------------------------------------------------------------------------------

    def read_event(self, body: bytes) -> records.Event:
        """Return the event in `body`. Raises Malformed."""
        raise Unsupported

    def is_signed(self, body: bytes, signature: str, secret: str) -> bool:
        """Return whether `signature` is that of the raw `body` with `secret`, in constant time."""
        raise Unsupported
