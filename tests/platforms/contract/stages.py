"""The platforms that the contract is checked with, each with a past webinar."""

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import requests

from platforms.contract import Client, Platform, RetryPolicy
from platforms.gotowebinar.platform import GoToWebinar
from platforms.records import (
    Attendee,
    Interval,
    NewRegistrant,
    Question,
    Session,
    Token,
)
from simulators.gotowebinar.process import SimulatorProcess
from tests.memory_platform import REFRESH_TOKEN, MemoryPlatform
from tests.platforms.gotowebinar import recorded

HOUR = dt.timedelta(hours=1)


class OneToken:
    def __init__(self, token: str) -> None:
        self._token = token

    def access_token(self) -> str:
        return self._token

    def refreshed(self, stale: str) -> str:
        return stale


class Turns:
    """Counts the calls that were allowed."""

    def __init__(self) -> None:
        self.taken = 0

    def acquire(self) -> None:
        self.taken += 1


@dataclass
class Stage:
    """A platform to be checked.

    `ran` is the key of a webinar with registrants, attendees and a session, `open` of one that
    accepts registrants. If `recorded`, its answers do not depend on changes.
    """

    platform: Platform
    refresh_token: str
    ran: str
    open: str
    recorded: bool = False

    def token(self) -> Token:
        return self.platform.refresh(self.refresh_token)

    def client(self, turns: Turns | None = None, calls: list[str] | None = None) -> Client:
        """Return a client whose calls are counted by `turns` and recorded in `calls`."""
        token = self.token()
        heard: list[str] = [] if calls is None else calls
        return self.platform.client(
            self.platform.fetch_identity(token).organizer_key,
            OneToken(token.access_token),
            turns or Turns(),
            retry_policy=RetryPolicy(base=0, cap=0, total=0),
            on_call=heard.append,
        )


def _settings(api_url: str, auth_url: str, client_id: str, client_secret: str) -> Any:
    return SimpleNamespace(
        GOTO_API_URL=api_url,
        GOTO_AUTH_URL=auth_url,
        GOTO_CLIENT_ID=client_id,
        GOTO_CLIENT_SECRET=client_secret,
        GOTO_CALLS_PER_SECOND=10.0,
        GOTO_PARALLEL_CALLS=4,
        GOTO_WEBHOOK_SIGNATURE="either",
        GOTO_WEBHOOK_SIGNATURE_HEADER="X-Webhook-Signature",
    )


# -- recorded bytes --------------------------------------------------------------------------------


class Recording:
    """Answers each request with GoToWebinar's recorded answer."""

    def __init__(self) -> None:
        self._posted: set[str] = set()
        self._deleted: set[str] = set()

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        status, body = self._answer(request)
        response = requests.Response()
        response.status_code, response._content = status, body
        response.url, response.request = request.url or "", request
        return response

    def _answer(self, request: requests.PreparedRequest) -> tuple[int, bytes]:
        path = (request.url or "").split("?")[0]
        if path.endswith("/oauth/token"):
            good = "refresh_token=recorded" in str(request.body)
            return (200, recorded.TOKEN) if good else (400, b'{"error": "invalid_grant"}')
        if path.endswith("/oauth/revoke"):
            return 200, b""
        if path.endswith("/Users/me"):
            return 200, recorded.IDENTITY
        what = path.partition("/G2W/rest/v2/")[2].partition("/webinars")[2]
        key, _, rest = what.strip("/").partition("/")
        if key == "unknown":
            return 404, recorded.NOT_FOUND
        if request.method == "POST":
            return self._posting(json.loads(request.body or b"{}")["email"])
        if request.method == "DELETE":
            self._deleted.add(rest)
            return 204, b""
        if rest in self._deleted:
            return 404, recorded.NOT_FOUND
        return self._reading(path, key, rest)

    def _posting(self, email: str) -> tuple[int, bytes]:
        if email in self._posted:
            return 409, recorded.DUPLICATE
        self._posted.add(email)
        return 201, recorded.CREATED

    def _reading(self, path: str, key: str, rest: str) -> tuple[int, bytes]:
        found = {
            "": recorded.WEBINAR if key else recorded.WEBINARS,
            "registrants": recorded.REGISTRANTS,
            "registrants/fields": recorded.FIELDS,
            "registrants/77": recorded.REGISTRANT,
            "sessions": recorded.SESSIONS,
            "sessions/9": b"{}",
            "sessions/9/questions": recorded.QUESTIONS,
            "sessions/9/polls": recorded.POLLS,
            "sessions/9/surveys": recorded.POLLS,
            "sessions/9/attendees/77/polls": recorded.POLLS,
            "sessions/9/attendees/77/surveys": recorded.POLLS,
            "attendees": recorded.ATTENDEES,
            "panelists": b"[]",
            "coorganizers": b"[]",
        }
        if path.endswith("/sessions") and not key:
            return 200, recorded.SESSIONS
        if path.endswith("/v2/webhooks"):
            return 200, recorded.WEBHOOKS
        if path.endswith("/userSubscriptions"):
            return 200, recorded.SUBSCRIPTIONS
        return (200, found[rest]) if rest in found else (404, recorded.NOT_FOUND)


@contextmanager
def recorded_stage() -> Iterator[Stage]:
    """GoToWebinar as recorded."""
    host = "https://goto.example"
    with patch("requests.adapters.HTTPAdapter.send", Recording().send):
        platform = GoToWebinar(_settings(host, host, "id", "secret"))
        key = "4993558771612668743"
        yield Stage(platform, "recorded", key, key, recorded=True)


# -- the simulator ---------------------------------------------------------------------------------


def simulator_stage(simulator: SimulatorProcess) -> Stage:
    """GoToWebinar as simulated, over HTTP."""
    simulator.reset()
    ready = simulator.ready
    keys = {item["label"]: str(item["webinarKey"]) for item in simulator.webinars()}
    named = ("api_url", "auth_url", "client_id", "client_secret")
    platform = GoToWebinar(_settings(*(ready[name] for name in named)))
    return Stage(platform, ready["refresh_token"], keys["past"], keys["upcoming"])


# -- memory ----------------------------------------------------------------------------------------


def fill(platform: MemoryPlatform) -> tuple[str, str]:
    """Create two webinars there, a past and an upcoming one; return their keys."""
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    start = now - 3 * HOUR
    ran, to_come = platform.hold(start, start + HOUR), platform.hold(now + HOUR, now + 2 * HOUR)
    session = Session(
        f"{platform.key_prefix}séance/1", ran.webinar.key, start, start + HOUR, poll_count=0,
        attended=1,
    )  # fmt: skip
    ran.sessions[session.key] = session
    people = [
        platform.register(ran, NewRegistrant(name, "Ø", f"{name}@memory.example"), start - HOUR)
        for name in ("ada", "ida", "eva")
    ]
    ran.attendees.append(
        Attendee(
            people[0].key, session.key, people[0].email, "ada", "Ø", 3600,
            (Interval(start, start + HOUR),),
        )
    )  # fmt: skip
    ran.questions[session.key] = [Question(people[0].key, "ada Ø", "¿Por qué?", start, ())]
    return ran.webinar.key, to_come.webinar.key


def memory_stage() -> Stage:
    """The platform in memory."""
    platform = MemoryPlatform()
    return Stage(platform, REFRESH_TOKEN, *fill(platform))
