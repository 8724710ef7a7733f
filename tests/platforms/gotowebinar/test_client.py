"""The HTTP layer: tokens, retries, pages and what is never sent to other hosts."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter

from platforms.contract import RetryPolicy
from platforms.errors import NotAllowed, PlatformError, RateLimited, ServerError, Unreachable
from platforms.gotowebinar import (
    Client,
    Hosts,
    authorize_address,
    exchange,
    fetch_identity,
    refresh,
)
from platforms.records import NewAnswer, NewRegistrant, RegistrantStatus
from tests.platforms.gotowebinar import recorded

pytestmark = pytest.mark.pure
HOSTS = Hosts("https://api.example/G2W/rest/v2/", "https://auth.example/oauth/token")
Reply = tuple[int, bytes] | tuple[int, bytes, dict[str, str]] | Exception


class Canned(BaseAdapter):
    """Answers with the given responses, in order; records the requests."""

    def __init__(self, *replies: Reply) -> None:
        super().__init__()
        self.replies = list(replies)
        self.sent: list[requests.PreparedRequest] = []

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        self.sent.append(request)
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        response = requests.Response()
        response.status_code = reply[0]
        response._content = reply[1]
        response.headers.update(reply[2] if len(reply) > 2 else {})
        response.url = request.url or ""
        response.request = request
        return response

    def close(self) -> None: ...


class Tokens:
    def __init__(self) -> None:
        self.refreshes = 0

    def access_token(self) -> str:
        return "old"

    def refreshed(self, stale: str) -> str:
        assert stale == "old"
        self.refreshes += 1
        return "new"


class Turns:
    def __init__(self) -> None:
        self.taken = 0

    def acquire(self) -> None:
        self.taken += 1


def client(*replies: Reply, on_call: Callable[[str], None] | None = None) -> tuple[Client, Canned]:
    adapter, session = Canned(*replies), requests.Session()
    session.mount("https://", adapter)
    made = Client(HOSTS, "12", Tokens(), Turns(), session=session, on_call=on_call)
    return made, adapter


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waited: list[float] = []
    monkeypatch.setattr("platforms.gotowebinar.retry.sleep", waited.append)
    return waited


def test_a_refused_token_is_refreshed_once_and_the_call_repeated_once() -> None:
    calls: list[str] = []
    made, adapter = client(
        (403, recorded.BAD_TOKEN), (200, recorded.REGISTRANT), on_call=calls.append
    )
    assert made.registrant("4", "77").source == "Newsletter"
    assert [r.headers["Authorization"] for r in adapter.sent] == ["Bearer old", "Bearer new"]
    assert calls == ["/organizers/{o}/webinars/{w}/registrants/{r}"] * 2


def test_refused_again_is_not_allowed() -> None:
    made, adapter = client((401, b""), (403, recorded.BAD_TOKEN))
    with pytest.raises(NotAllowed, match="Invalid token passed"):
        made.registrant("4", "77")
    assert len(adapter.sent) == 2


def test_a_transient_error_is_waited_out(waits: list[float]) -> None:
    made, adapter = client(
        (500, b""), requests.ConnectionError("x"), (429, b"", {"Retry-After": "3"}),
        (200, recorded.WEBINAR),
    )  # fmt: skip
    assert made.webinar("4").is_full
    assert len(adapter.sent) == 4
    assert waits[2] == 3.0
    assert waits[0] <= 0.5 and waits[1] <= 1.0


def test_retries_are_limited(waits: list[float]) -> None:
    made, _ = client(*[(500, b"")] * 50)
    with pytest.raises(ServerError):
        made.webinar("4")
    assert sum(waits) <= RetryPolicy().total
    made, _ = client((429, b"", {"Retry-After": "3600"}))
    with pytest.raises(RateLimited):
        made.webinar("4")


def test_calls_that_take_long_use_up_the_patience_too(
    waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(0, 1000, 29))
    monkeypatch.setattr("platforms.gotowebinar.retry.monotonic", lambda: next(clock))
    made, _ = client(*[(500, b"")] * 50)
    with pytest.raises(ServerError):
        made.webinar("4")
    assert 3 <= len(waits) <= 5


def test_timeouts_and_wrong_hosts_are_unreachable() -> None:
    for fault in (requests.Timeout("t"), requests.exceptions.SSLError("secret-token")):
        made, _ = client(*[fault] * 50)
        with pytest.raises(Unreachable) as caught:
            made.webinar("4")
        assert "secret" not in str(caught.value)


def test_a_redirect_is_not_followed_with_our_token() -> None:
    made, adapter = client(*[(302, b"", {"Location": "https://evil.example/"})] * 50)
    with pytest.raises(ServerError):
        made.webinar("4")
    assert {request.url for request in adapter.sent} == {
        "https://api.example/G2W/rest/v2/organizers/12/webinars/4"
    }


def page(start: int, count: int, total: int) -> bytes:
    people = [
        {"registrantKey": start + n, "email": f"p{start + n}@example.com"} for n in range(count)
    ]
    return json.dumps({"data": people, "total": total}).encode()


def test_a_page_smaller_than_asked_for_loses_no_one() -> None:
    def page(number: int) -> Reply:
        rows = [
            dict(json.loads(recorded.REGISTRANT), registrantKey=10 * number + n) for n in (1, 2)
        ]
        body = {"data": rows[: 5 - 2 * number], "total": 5, "page": number, "limit": 2}
        return 200, json.dumps(body).encode()

    made, adapter = client(page(0), page(1), page(2))
    keys = [item.key for found in made.registrants("4") for item in found]
    assert keys == ["1", "2", "11", "12", "21"]
    assert len(adapter.sent) == 3


def test_no_page_is_asked_for_that_is_not_there() -> None:
    made, adapter = client((200, page(0, 200, 400)), (200, page(200, 200, 400)))
    assert [len(some) for some in made.registrants("4")] == [200, 200]
    assert len(adapter.sent) == 2
    assert "page=1&limit=200" in str(adapter.sent[1].url)


def test_a_wrong_count_of_the_server_causes_no_endless_loop() -> None:
    made, adapter = client(*[(200, page(0, 200, 10**9))] * 5)
    assert len(list(made.registrants("4"))) == 1
    assert len(adapter.sent) <= 3


def test_an_error_comes_after_the_pages_before_it() -> None:
    made, _ = client((200, page(0, 200, 400)), (404, recorded.NOT_FOUND))
    seen = []
    with pytest.raises(Exception, match="No such thing"):
        for some in made.registrants("4"):
            seen.append(len(some))
    assert seen == [200]


def test_registering_sends_every_field_and_asks_for_the_full_version() -> None:
    made, adapter = client((201, recorded.CREATED))
    person = NewRegistrant(
        "Anna", "Å", "a@example.com", {"job_title": "CTO", "zip_code": "00123"}, "form",
        (NewAnswer("9223372036854775809", choice_key="6"),),
    )  # fmt: skip
    assert made.create_registrant("4", person).status == RegistrantStatus.AWAITING
    request = adapter.sent[0]
    assert request.headers["Accept"] == "application/json"
    assert json.loads(request.body or b"") == {
        "firstName": "Anna", "lastName": "Å", "email": "a@example.com", "jobTitle": "CTO",
        "zipCode": "00123", "source": "form",
        "responses": [{"questionKey": 9223372036854775809, "answerKey": 6}],
    }  # fmt: skip


def test_the_list_of_webinars_shows_from_when_to_when() -> None:
    made, adapter = client((200, recorded.WEBINARS))
    moment = dt.datetime(2026, 3, 13, 12, 0, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    assert [w.key for w in made.webinars(moment, moment)] == ["4993558771612668743"]
    assert "fromTime=2026-03-13T10%3A00%3A00Z" in str(adapter.sent[0].url)


def signed_in(*replies: Reply) -> tuple[requests.Session, Canned]:
    session, adapter = requests.Session(), Canned(*replies)
    session.mount("https://", adapter)
    return session, adapter


def test_a_refresh_sends_the_client_by_basic_and_the_token_in_the_body() -> None:
    session, adapter = signed_in((200, recorded.TOKEN))
    token = refresh(HOSTS, "id", "secret", "old-refresh", session=session)
    assert token.access_token == "secret-access"
    request = adapter.sent[0]
    assert request.url == "https://auth.example/oauth/token"
    assert str(request.headers["Authorization"]).startswith("Basic ")
    assert request.body == "grant_type=refresh_token&refresh_token=old-refresh"


def test_a_code_is_exchanged_once_with_its_verifier() -> None:
    session, adapter = signed_in((500, b""))
    with pytest.raises(PlatformError):
        exchange(
            HOSTS, "id", "secret", code="c", redirect_uri="https://we.example/connections/callback/",
            verifier="v", session=session,
        )  # fmt: skip
    (request,) = adapter.sent
    assert request.body == (
        "grant_type=authorization_code&code=c"
        "&redirect_uri=https%3A%2F%2Fwe.example%2Fconnections%2Fcallback%2F&code_verifier=v"
    )


def test_the_authorization_url_contains_the_challenge_and_not_the_verifier() -> None:
    # Verifier and challenge of RFC 7636, appendix B.
    address = authorize_address(
        HOSTS, "id", "https://we.example/", state="s",
        verifier="dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    )  # fmt: skip
    assert address.startswith(
        "https://auth.example/oauth/authorize?response_type=code&client_id=id"
    )
    assert "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" in address
    assert "dBjftJeZ4CVP" not in address


def test_fetch_identity_asks_identity_then_admin() -> None:
    session, adapter = signed_in((401, b""), (200, recorded.ADMIN))
    assert fetch_identity(HOSTS, "t", session=session).organizer_key == "3372939249921615222"
    assert [request.url for request in adapter.sent] == [
        "https://api.example/identity/v1/Users/me", "https://api.example/admin/rest/v1/me",
    ]  # fmt: skip


@pytest.mark.parametrize("url", ["", "nonsense", "ftp://x", "https://", "https://[bad"])
def test_a_wrong_host_is_reported_with_its_setting(url: str) -> None:
    with pytest.raises(ValueError, match="GOTO_API_URL"):
        Hosts(url, "https://auth.example")
