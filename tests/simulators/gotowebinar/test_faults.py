"""Faults on demand."""

from __future__ import annotations

import pytest
import requests

from simulators.gotowebinar.process import SimulatorError, SimulatorProcess

from .client import Client, key_of


def fail(client: Client, **fault: object) -> None:
    client.simulator.control("POST", "fail", fault)


def test_the_next_calls_fail_with_a_status(client: Client) -> None:
    webinar = client.webinar("big")
    fail(client, status=503, count=2, retry_after="7")
    for _ in range(2):
        answer = client.call("GET", webinar)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "7")
        assert answer.json()["errorCode"] == "Simulated"
    assert client.call("GET", webinar).status_code == 200


def test_a_fault_may_bring_its_own_body(client: Client) -> None:
    webinar = client.webinar("big")
    fail(client, status=400, body={"errorCode": "Odd"})
    assert client.call("GET", webinar).json() == {"errorCode": "Odd"}
    fail(client, status=400, body="plain words")
    assert client.call("GET", webinar).text == "plain words"


def test_only_matching_calls_fail_and_some_may_succeed_before(client: Client) -> None:
    webinar = client.webinar("big")
    fail(client, status=500, path="/registrants$", method="get", after=1)
    assert client.call("GET", webinar).status_code == 200
    statuses = [client.call("GET", f"{webinar}/registrants").status_code for _ in range(3)]
    assert statuses == [200, 500, 200]


@pytest.mark.parametrize("kind", ["drop", "cut"])
def test_a_dropped_connection(client: Client, kind: str) -> None:
    webinar = client.webinar("big")
    fail(client, kind=kind)
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        client.call("GET", webinar)
    assert client.call("GET", webinar).status_code == 200


def test_an_answer_that_gets_lost_after_the_call_took_effect(client: Client) -> None:
    webinar = client.new_webinar()
    fail(client, kind="lost", method="POST")
    person = {"firstName": "Ada", "lastName": "Lost", "email": "lost@example.com"}
    with pytest.raises(requests.ConnectionError):
        client.call("POST", f"{webinar}/registrants", json=person)
    assert client.call("POST", f"{webinar}/registrants", json=person).status_code == 409


def test_answers_that_are_not_json(client: Client) -> None:
    webinar = client.webinar("big")
    fail(client, kind="garbage")
    fail(client, kind="html")
    fail(client, kind="empty")
    garbage, html, empty = (client.call("GET", webinar) for _ in range(3))
    assert (garbage.status_code, html.status_code, empty.status_code) == (200, 502, 403)
    for answer in (garbage, html, empty):
        with pytest.raises(ValueError, match="Expecting|codec|JSON"):
            answer.json()


def test_an_answer_that_does_not_come(client: Client) -> None:
    webinar = client.webinar("big")
    url = f"{client.simulator.api_url}/G2W/rest/v2{webinar}"
    fail(client, kind="timeout", seconds=60)
    with pytest.raises(requests.ReadTimeout):
        client.http.get(url, timeout=0.2)
    fail(client, kind="timeout", seconds=0, status=504)
    assert client.call("GET", webinar).status_code == 504


def test_a_change_between_two_pages(client: Client) -> None:
    webinar = client.new_webinar()
    for name in ("a", "b", "c"):
        client.register(webinar, f"{name}@person.example")
    order = {"webinar": key_of(webinar), "email": "a@person.example"}
    do = {"path": "cancel", "body": order}
    fail(client, kind="do", path="registrants$", after=1, do=do)
    pages = [client.get(f"{webinar}/registrants", page=page, limit=1) for page in (0, 1)]
    assert [page["data"][0]["email"] for page in pages] == ["a@person.example", "c@person.example"]
    assert [page["total"] for page in pages] == [3, 2]


def test_sign_in_can_fail_too(client: Client) -> None:
    fail(client, status=500, path="^/oauth/token$")
    assert client.token().status_code == 500
    assert client.token().status_code == 200


def test_waiting_faults_can_be_forgotten(client: Client) -> None:
    fail(client, count=1000)
    client.simulator.control("POST", "fail/clear")
    assert client.call("GET", client.webinar("big")).status_code == 200


def test_wrong_control_calls_show_what_is_wrong(client: Client) -> None:
    control = client.simulator.control
    wrong: list[tuple[str, dict[str, object], str]] = [
        ("fail", {"kind": "explode"}, "kind is one of"),
        ("fail", {"path": "("}, "not a fault"),
        ("nonsense", {}, "no such control path"),
        ("cancel", {"webinar": "nothing"}, "no webinar nothing"),
        ("cancel", {"webinar": "big", "email": "x"}, "no registrant x"),
        ("cancel", {}, "KeyError"),
        ("set-status", {"webinar": "big", "email": "x", "status": "?"}, "no registrant"),
        ("require-fields", {"webinar": "big", "fields": ["shoeSize"]}, "shoeSize"),
        ("end-session", {"webinar": "big"}, "No session is running"),
    ]
    for path, body, words in wrong:
        with pytest.raises(SimulatorError, match=words.replace("?", ".")):
            control("POST", path, body)


def test_calls_over_the_rate_limit_get_429_without_retry_after() -> None:
    with SimulatorProcess(webinars=1, registrants=1, rate_limit=2) as simulator:
        client = Client(simulator)
        webinar = client.webinar("big")
        statuses = [client.call("GET", webinar).status_code for _ in range(3)]
        refused = client.call("GET", webinar)
        assert statuses[:2] == [200, 200]
        assert 429 in [*statuses, refused.status_code]
        simulator.control("POST", "rate-limit", {"per_second": 1})
        answers = [client.call("GET", webinar) for _ in range(2)]
        assert answers[1].status_code == 429
        assert "Retry-After" not in answers[1].headers
        simulator.control("POST", "rate-limit", {"per_second": 0})
        assert {client.call("GET", webinar).status_code for _ in range(20)} == {200}
        assert simulator.calls()["by_status"]["429"] >= 1


def test_latency_delays_api_calls(client: Client) -> None:
    webinar = client.webinar("big")
    client.simulator.control("POST", "latency", {"ms": 80})
    assert client.call("GET", webinar).elapsed.total_seconds() >= 0.08
    client.simulator.control("POST", "latency", {"ms": 0})
