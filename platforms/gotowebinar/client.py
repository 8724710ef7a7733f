"""The GoToWebinar API for one organizer. Safe to share among threads."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

import requests

from platforms import records
from platforms.errors import NotAllowed
from platforms.gotowebinar import responses
from platforms.gotowebinar.endpoints import PAGE_SIZE, Call, Calls, WebhookCalls
from platforms.gotowebinar.hosts import Hosts
from platforms.gotowebinar.paging import pages
from platforms.gotowebinar.responses import Answer
from platforms.gotowebinar.retry import Patience, retrying
from platforms.gotowebinar.transport import TIMEOUT, send

T = TypeVar("T")


class TokenSource(Protocol):
    """Where access tokens come from. Both raise SignInNeeded when there are no more."""

    def access_token(self) -> str: ...

    def refreshed(self, stale: str) -> str:
        """Return another token than `stale`, which GoTo refused; the same one where another
        cannot help."""


class Budget(Protocol):
    """What shares GoTo's calls a second among all who call."""

    def wait_turn(self) -> None:
        """Return when one more call may be made."""


class Client:
    """Calls of one organizer. Every method raises errors of `gotowebinar.errors` only.

    `on_call` is told the path (without keys) of each request sent, repetitions included.
    """

    def __init__(
        self,
        hosts: Hosts,
        organizer_key: str,
        tokens: TokenSource,
        budget: Budget,
        *,
        session: requests.Session | None = None,
        patience: Patience | None = None,
        on_call: Callable[[str], None] | None = None,
        timeout: tuple[float, float] = TIMEOUT,
    ) -> None:
        self._calls = Calls(hosts, organizer_key)
        self._hooks = WebhookCalls(hosts)
        self._tokens = tokens
        self._budget = budget
        self._session = session or requests.Session()
        self._patience = patience or Patience()
        self._on_call = on_call
        self._timeout = timeout

    # -- webinars ------------------------------------------------------------------------------

    def webinars(self, start: dt.datetime, end: dt.datetime) -> Iterator[records.Webinar]:
        """Yield the organizer's webinars scheduled between two times."""

        def fetch(number: int) -> tuple[list[records.Webinar], bool]:
            found, count = self._ask(self._calls.webinars(start, end, number), responses.webinars)
            return found, number + 1 < count

        for page in pages(fetch):
            yield from page

    def webinar(self, key: str) -> records.WebinarDetails:
        return self._ask(self._calls.webinar(key), responses.webinar)

    def registration_fields(self, key: str) -> records.RegistrationFields:
        return self._ask(self._calls.registration_fields(key), responses.registration_fields)

    # -- registrants ---------------------------------------------------------------------------

    def registrants(self, key: str) -> Iterator[list[records.Registrant]]:
        """Yield the registrants of a webinar, a page at a time."""
        size = PAGE_SIZE

        def fetch(number: int) -> tuple[list[records.Registrant], bool]:
            nonlocal size
            call = self._calls.registrants(key, number)
            found, total = self._ask(call, responses.registrants)
            if number == 0:
                # GoTo may give less a page than was asked for: nobody is lost for that.
                size = len(found)
            return found, (number + 1) * size < total

        return pages(fetch)

    def registrant(self, key: str, registrant_key: str) -> records.RegistrantDetails:
        return self._ask(self._calls.registrant(key, registrant_key), responses.registrant)

    def create_registrant(self, key: str, person: records.NewRegistrant) -> records.Created:
        """Register `person`. Repeating it is safe: GoTo answers 409, AlreadyRegistered."""
        return self._ask(self._calls.create_registrant(key, person), responses.created)

    def delete_registrant(self, key: str, registrant_key: str) -> None:
        self._ask(self._calls.delete_registrant(key, registrant_key), responses.nothing)

    # -- sessions ------------------------------------------------------------------------------

    def sessions(self, key: str) -> Iterator[records.Session]:
        """Yield the sessions of a webinar that have run."""

        def fetch(number: int) -> tuple[list[records.Session], bool]:
            found, count = self._ask(self._calls.sessions(key, number), responses.sessions)
            return found, number + 1 < count

        for page in pages(fetch):
            yield from page

    def attendees(self, key: str) -> Iterator[list[records.Attendee]]:
        """Yield the attendees of all sessions of a webinar, a page at a time."""

        def fetch(number: int) -> tuple[list[records.Attendee], bool]:
            found, count = self._ask(self._calls.attendees(key, number), responses.attendees)
            return found, number + 1 < count

        return pages(fetch)

    def questions(self, key: str, session_key: str) -> list[records.Question]:
        return self._ask(self._calls.questions(key, session_key), responses.questions)

    def poll_answers(
        self, key: str, session_key: str, registrant_key: str
    ) -> list[records.PollAnswer]:
        call = self._calls.answers("polls", key, session_key, registrant_key)
        return self._ask(call, responses.poll_answers)

    def survey_answers(
        self, key: str, session_key: str, registrant_key: str
    ) -> list[records.PollAnswer]:
        call = self._calls.answers("surveys", key, session_key, registrant_key)
        return self._ask(call, responses.poll_answers)

    # -- webhooks ------------------------------------------------------------------------------

    def create_secret_key(self) -> records.SecretKey:
        """Have GoTo make a key that it signs its events with from now on."""
        return self._ask(self._hooks.create_secret_key(), responses.secret_key)

    def webhooks(self) -> list[records.Webhook]:
        return self._ask(self._hooks.webhooks(), responses.webhooks)

    def create_webhooks(self, callback_url: str, events: Sequence[str]) -> list[records.Webhook]:
        """Make webhooks, inactive. GoTo asks `callback_url` first, which must answer 200."""
        return self._ask(self._hooks.create_webhooks(callback_url, events), responses.webhooks)

    def activate_webhooks(self, callback_url: str, keys: Sequence[str]) -> None:
        self._ask(self._hooks.activate_webhooks(callback_url, keys), responses.nothing)

    def delete_webhooks(self, keys: Sequence[str]) -> None:
        self._ask(self._hooks.delete_webhooks(keys), responses.nothing)

    def subscriptions(self) -> list[records.Subscription]:
        return self._ask(self._hooks.subscriptions(), responses.subscriptions)

    def create_subscriptions(self, webhook_keys: Sequence[str]) -> list[records.Subscription]:
        return self._ask(self._hooks.create_subscriptions(webhook_keys), responses.subscriptions)

    def activate_subscriptions(self, subscriptions: Sequence[records.Subscription]) -> None:
        self._ask(self._hooks.activate_subscriptions(subscriptions), responses.nothing)

    def delete_subscriptions(self, keys: Sequence[str]) -> None:
        self._ask(self._hooks.delete_subscriptions(keys), responses.nothing)

    # -- one call ------------------------------------------------------------------------------

    def _ask(self, call: Call, decipher: Callable[[Answer], T]) -> T:
        """Send `call` with patience; a token that GoTo refuses is refreshed once."""
        token = self._tokens.access_token()
        try:
            return retrying(lambda: decipher(self._send(call, token)), self._patience)
        except NotAllowed:
            fresh = self._tokens.refreshed(token)
            if fresh == token:
                raise
        return retrying(lambda: decipher(self._send(call, fresh)), self._patience)

    def _send(self, call: Call, token: str) -> Answer:
        self._budget.wait_turn()
        if self._on_call is not None:
            self._on_call(call.template)
        return send(
            self._session,
            call.method,
            call.url,
            headers={"Authorization": f"Bearer {token}"},
            params=call.params,
            json=call.json,
            timeout=self._timeout,
        )
