"""The GoToWebinar API client of one organizer. Thread-safe."""

import datetime as dt
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

import requests

from platforms import contract, records
from platforms.contract import Budget, Capabilities, Limits, RetryPolicy, TokenSource
from platforms.errors import NotAllowed, NotFound
from platforms.gotowebinar import responses
from platforms.gotowebinar.answer import Answer
from platforms.gotowebinar.endpoints import PAGE_SIZE, Call, Calls, WebhookCalls
from platforms.gotowebinar.hosts import Hosts
from platforms.gotowebinar.paging import pages
from platforms.gotowebinar.retry import with_retry
from platforms.gotowebinar.rows import Rows
from platforms.gotowebinar.transport import TIMEOUT, AccessToken, new_session, send

T = TypeVar("T")
# How many times an unreadable response is requested before it counts as unreadable.
_UNREADABLE_TRIES = 3


CAPABILITIES = Capabilities(
    waiting_list=True,
    approval=True,
    cancel_registrants=True,
    questions=True,
    polls=True,
    surveys=True,
    speakers=True,
    recent_sessions=True,
    webhooks=True,
)


class Client(contract.Client):
    """Calls of one organizer. Every method raises only errors of `platforms.errors`.

    `on_call` is called with the path (without keys) of each request, including retries. `skipped`
    counts the rows of each list that could not be read, completely or partly, since the client was
    created.
    """

    capabilities = CAPABILITIES

    def __init__(
        self,
        hosts: Hosts,
        organizer_key: str,
        tokens: TokenSource,
        budget: Budget,
        *,
        session: requests.Session | None = None,
        retry_policy: RetryPolicy | None = None,
        on_call: Callable[[str], None] | None = None,
        timeout: tuple[float, float] = TIMEOUT,
        limits: Limits | None = None,
    ) -> None:
        self.limits = limits or Limits(page_size=PAGE_SIZE)
        self._calls = Calls(hosts, organizer_key)
        self._hooks = WebhookCalls(hosts)
        self._tokens = tokens
        self._budget = budget
        self._session = session or new_session(hosts.g2w)
        self._patience = retry_policy or RetryPolicy()
        self._on_call = on_call
        self._skipped: Counter[str] = Counter()
        self._counting = threading.Lock()
        self._timeout = timeout

    @property
    def skipped(self) -> Mapping[str, int]:
        return self._skipped

    # -- webinars ------------------------------------------------------------------------------

    def webinars(self, start: dt.datetime, end: dt.datetime) -> Iterator[records.Webinar]:
        """Yield the organizer's webinars scheduled between two times."""

        for page in self._pages(
            "webinars", lambda n: self._calls.webinars(start, end, n), responses.webinars
        ):
            yield from page

    def webinar(self, key: str) -> records.WebinarDetails:
        return self._request(self._calls.webinar(key), responses.webinar)

    def registration_fields(self, key: str) -> records.RegistrationFields:
        found = self._request(self._calls.registration_fields(key), responses.registration_fields)
        self._note_skipped("fields", found.skipped)
        return found

    # -- registrants ---------------------------------------------------------------------------

    def registrants(self, key: str) -> Iterator[list[records.Registrant]]:
        """Yield the registrants of a webinar in pages."""
        size = PAGE_SIZE

        def fetch(number: int) -> tuple[Rows[records.Registrant], bool]:
            nonlocal size
            call = self._calls.registrants(key, number)
            found, total = self._request(call, responses.registrants)
            self._note_skipped("registrants", found.skipped)
            if number == 0:
                # GoTo may return fewer rows a page than requested; all pages are read anyway.
                size = found.listed
            return found, total is None or (number + 1) * size < total

        return pages(fetch)

    def registrant(self, key: str, registrant_key: str) -> records.RegistrantDetails:
        return self._request(self._calls.registrant(key, registrant_key), responses.registrant)

    def create_registrant(self, key: str, person: records.NewRegistrant) -> records.Created:
        """Register `person`. Repeating is safe: GoTo responds 409, AlreadyRegistered."""
        return self._request(self._calls.create_registrant(key, person), responses.created)

    def cancel_registrant(self, key: str, registrant_key: str) -> None:
        self._request(self._calls.delete_registrant(key, registrant_key), responses.nothing)

    # -- speakers ------------------------------------------------------------------------------

    def panelists(self, key: str) -> list[records.Speaker]:
        return self._rows("panelists", self._calls.panelists(key), responses.panelists)

    def coorganizers(self, key: str) -> list[records.Speaker]:
        return self._rows("coorganizers", self._calls.coorganizers(key), responses.coorganizers)

    # -- sessions ------------------------------------------------------------------------------

    def sessions(self, key: str) -> Iterator[records.Session]:
        """Yield the past sessions of a webinar."""
        for page in self._pages(
            "sessions", lambda n: self._calls.sessions(key, n), responses.sessions
        ):
            yield from page

    def session_is_known(self, key: str, session_key: str) -> bool:
        """Return whether GoTo has a session."""
        try:
            self._request(self._calls.session(key, session_key), responses.nothing)
        except NotFound:
            return False
        return True

    def organizer_sessions(self, start: dt.datetime, end: dt.datetime) -> Iterator[records.Session]:
        """Yield the sessions of all the organizer's webinars that ran between two times."""
        for page in self._pages(
            "sessions",
            lambda n: self._calls.organizer_sessions(start, end, n),
            responses.sessions,
        ):
            yield from page

    def attendees(self, key: str) -> Iterator[list[records.Attendee]]:
        """Yield the attendees of all sessions of a webinar in pages."""
        return self._pages(
            "attendees", lambda n: self._calls.attendees(key, n), responses.attendees
        )

    def questions(self, key: str, session_key: str) -> list[records.Question]:
        return self._rows("questions", self._calls.questions(key, session_key), responses.questions)

    def poll_summaries(self, key: str, session_key: str) -> list[records.PollSummary]:
        """Return the polls of a session, each with the number of answers."""
        call = self._calls.summaries("polls", key, session_key)
        return self._rows("polls", call, responses.poll_summaries)

    def survey_summaries(self, key: str, session_key: str) -> list[records.PollSummary]:
        """Return the questions of a session's survey, each with the number of answers."""
        call = self._calls.summaries("surveys", key, session_key)
        return self._rows("surveys", call, responses.poll_summaries)

    def poll_answers(
        self, key: str, session_key: str, registrant_key: str
    ) -> list[records.PollAnswer]:
        call = self._calls.answers("polls", key, session_key, registrant_key)
        return self._rows("polls", call, responses.poll_answers)

    def survey_answers(
        self, key: str, session_key: str, registrant_key: str
    ) -> list[records.PollAnswer]:
        call = self._calls.answers("surveys", key, session_key, registrant_key)
        return self._rows("surveys", call, responses.poll_answers)

    # -- webhooks ------------------------------------------------------------------------------

    def create_secret_key(self) -> records.SecretKey:
        """Have GoTo create a key with which it signs its events from now on."""
        return self._request(self._hooks.create_secret_key(), responses.secret_key)

    def webhooks(self) -> list[records.Webhook]:
        return self._rows("webhooks", self._hooks.webhooks(), responses.webhooks)

    def create_webhooks(self, callback_url: str, events: Sequence[str]) -> list[records.Webhook]:
        """Create inactive webhooks. GoTo first calls `callback_url`, which must respond 200."""
        return self._request(self._hooks.create_webhooks(callback_url, events), responses.webhooks)

    def activate_webhooks(self, callback_url: str, keys: Sequence[str]) -> None:
        self._request(self._hooks.activate_webhooks(callback_url, keys), responses.nothing)

    def delete_webhooks(self, keys: Sequence[str]) -> None:
        self._request(self._hooks.delete_webhooks(keys), responses.nothing)

    def subscriptions(self) -> list[records.Subscription]:
        return self._rows("webhooks", self._hooks.subscriptions(), responses.subscriptions)

    def create_subscriptions(self, webhook_keys: Sequence[str]) -> list[records.Subscription]:
        return self._request(
            self._hooks.create_subscriptions(webhook_keys), responses.subscriptions
        )

    def activate_subscriptions(self, subscriptions: Sequence[records.Subscription]) -> None:
        self._request(self._hooks.activate_subscriptions(subscriptions), responses.nothing)

    def delete_subscriptions(self, keys: Sequence[str]) -> None:
        self._request(self._hooks.delete_subscriptions(keys), responses.nothing)

    # -- lists ---------------------------------------------------------------------------------

    def _pages(
        self,
        kind: str,
        call: Callable[[int], Call],
        decode: Callable[[Answer], tuple[Rows[T], int | None]],
    ) -> Iterator[Rows[T]]:
        """Yield the pages of a list that reports how many it has."""

        def fetch(number: int) -> tuple[Rows[T], bool]:
            found, count = self._request(call(number), decode)
            self._note_skipped(kind, found.skipped + found.partial)
            return found, count is None or number + 1 < count

        return pages(fetch)

    def _rows(self, kind: str, call: Call, decode: Callable[[Answer], Rows[T]]) -> Rows[T]:
        found = self._request(call, decode)
        self._note_skipped(kind, found.skipped + found.partial)
        return found

    def _note_skipped(self, kind: str, count: int) -> None:
        if count:
            with self._counting:
                self._skipped[kind] += count

    # -- one call ------------------------------------------------------------------------------

    def _request(self, call: Call, decode: Callable[[Answer], T]) -> T:
        """Send `call` with retries; a refused token is refreshed once."""
        token = self._tokens.access_token()
        # A change is not repeated because its response is unreadable.
        tries = _UNREADABLE_TRIES if call.method == "GET" else 1

        def send_with(token: str) -> T:
            return with_retry(
                lambda: decode(self._send(call, token)), self._patience, unreadable_tries=tries
            )

        try:
            return send_with(token)
        except NotAllowed:
            fresh = self._tokens.refreshed(token)
            if fresh == token:
                raise
        return send_with(fresh)

    def _send(self, call: Call, token: str) -> Answer:
        self._budget.acquire()
        if self._on_call is not None:
            self._on_call(call.template)
        return send(
            self._session,
            call.method,
            call.url,
            auth=AccessToken(token),
            params=call.params,
            json=call.json,
            timeout=self._timeout,
        )
