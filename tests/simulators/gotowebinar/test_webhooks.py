"""Webhooks: set up as in the contract, and delivered correctly or with the requested faults."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from simulators.gotowebinar.process import SimulatorProcess
from tests.fixtures.http_receiver import listening

from .client import Client, key_of

EVENTS = ["registrant.added", "registrant.joined", "webinar.created", "webinar.changed",
          "survey.submitted"]  # fmt: skip


@dataclass
class Receiver:
    """A URL that answers GoTo's check, and records what is posted to it."""

    url: str
    posted: list[tuple[str | None, bytes]] = field(default_factory=list)
    status: int = 200

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.posted]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(found.status)
            self.end_headers()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.posted.append((self.headers["X-Webhook-Signature"], body))
            self.do_GET()

        def log_message(self, *_: Any) -> None: ...

    with listening(Handler) as url:
        found = Receiver(url)
        yield found


@pytest.fixture
def client() -> Iterator[Client]:
    with SimulatorProcess(webinars=12, registrants=12) as simulator:
        yield Client(simulator)


def wanted(receiver: Receiver, *events: str) -> list[dict[str, str]]:
    common = {"callbackUrl": receiver.url, "eventVersion": "1.0.0", "product": "g2w"}
    return [common | {"eventName": event} for event in events or EVENTS]


def set_up(client: Client, receiver: Receiver) -> str:
    """Deliver all events; return the secret key."""
    secret = client.call("POST", "/webhooks/secretkey", json={}).json()["value"]
    made = client.call("POST", "/webhooks", json=wanted(receiver)).json()["_embedded"]["webhooks"]
    assert {one["state"] for one in made} == {"INACTIVE"}
    keys = [one["webhookKey"] for one in made]
    active = [{"webhookKey": key, "state": "ACTIVE"} for key in keys]
    assert client.call("PUT", "/webhooks", json=active).status_code == 204
    active = [{"webhookKey": key, "userSubscriptionState": "ACTIVE"} for key in keys]
    assert client.call("POST", "/userSubscriptions", json=active).status_code == 200
    return str(secret)


def flush(client: Client) -> dict[str, Any]:
    counts: dict[str, Any] = client.simulator.control("POST", "webhooks/flush")
    return counts


def test_every_event_is_posted_and_signed(client: Client, receiver: Receiver) -> None:
    secret = set_up(client, receiver)
    webinar = client.new_webinar()
    client.call("PUT", webinar, json={"subject": "Anew"})
    created = client.register(webinar, "ana@example.com", organization="Acme").json()
    named = {"webinar": key_of(webinar), "email": "ana@example.com"}
    control = client.simulator.control
    session = control("POST", "join", named)
    control("POST", "end-session", {"webinar": key_of(webinar), "attendees": [named]})
    control("POST", "submit-survey", named | {"question": "Well?", "answer": "Very"})
    client.call("DELETE", webinar)
    assert flush(client)["delivered"] == 6
    assert [event["eventName"] for event in receiver.events()] == [
        "webinar.created", "webinar.changed", "registrant.added", "registrant.joined",
        "survey.submitted", "webinar.changed",
    ]  # fmt: skip
    for signature, body in receiver.posted:
        assert signature == hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    events = receiver.events()
    assert len({event["eventKey"] for event in events}) == 6
    added, joined, survey = events[2:5]
    assert added["registrantKey"] == str(created["registrantKey"])
    assert (added["organization"], added["joinUrl"]) == ("Acme", created["joinUrl"])
    assert joined["sessionKey"] == survey["sessionKey"] == session["sessionKey"]
    assert (events[1]["status"], events[5]["status"]) == ("UPDATED", "DELETED")


def test_nothing_is_posted_unless_both_states_are_active(
    client: Client, receiver: Receiver
) -> None:
    set_up(client, receiver)
    subscription = client.get("/userSubscriptions", product="g2w")["_embedded"][
        "userSubscriptions"
    ][0]
    assert subscription["activationState"] == "ACTIVE"
    asleep = {
        "userSubscriptionKey": subscription["userSubscriptionKey"],
        "webhookKey": subscription["webhookKey"],
        "userSubscriptionState": "INACTIVE",
    }
    assert client.call("PUT", "/userSubscriptions", json=[asleep]).status_code == 204
    client.register(client.new_webinar(), "ana@example.com")
    flush(client)
    assert [event["eventName"] for event in receiver.events()] == ["webinar.created"]


@pytest.mark.parametrize(
    "change",
    [
        {"callbackUrl": "http://webinars.example.com/hook/"},
        {"callbackUrl": "nonsense"},
        {"callbackUrl": "http://127.0.0.1:9/hook/"},
        {"eventName": "registrant.dropped"},
        {"eventVersion": "2.0.0"},
        {"product": "g2m"},
    ],
)
def test_what_the_contract_does_not_allow_is_refused(
    client: Client, receiver: Receiver, change: dict[str, str]
) -> None:
    asked = [wanted(receiver, "registrant.added")[0] | change]
    assert client.call("POST", "/webhooks", json=asked).status_code == 400
    assert client.get("/webhooks", product="g2w") == {}


def test_an_address_that_does_not_answer_200_is_refused(client: Client, receiver: Receiver) -> None:
    receiver.status = 403
    refused = client.call("POST", "/webhooks", json=wanted(receiver))
    assert refused.status_code == 400 and "200 OK" in refused.json()["description"]


def test_lists_require_a_product_and_unknown_keys_are_not_found(client: Client) -> None:
    for path in ("/webhooks", "/userSubscriptions"):
        assert client.call("GET", path).status_code == 400
        assert client.call("DELETE", path, json=["unknown"]).status_code == 404
        assert client.call("DELETE", path, json={}).status_code == 400
    assert client.call("GET", "/webhooks/unknown").status_code == 404
    client.http.headers.pop("Authorization")
    assert client.call("GET", "/webhooks", params={"product": "g2w"}).status_code == 403


def test_events_are_lost_as_requested(client: Client, receiver: Receiver) -> None:
    secret = set_up(client, receiver)
    control = client.simulator.control

    def come(count: int, **wrong: Any) -> list[tuple[str | None, bytes]]:
        receiver.posted.clear()
        control("POST", "webhooks", wrong)
        control("POST", "register-many", {"webinar": "upcoming", "count": count})
        flush(client)
        return receiver.posted

    assert len({body for _, body in come(2, duplicate=2)}) == 2 and len(receiver.posted) == 6
    emails = [json.loads(body)["email"] for _, body in come(3, reorder=True, delay_ms=50)]
    listed = control("GET", f"truth/{key_of(client.webinar('upcoming'))}")["registrants"]
    assert emails == [person["email"] for person in listed[-3:]][::-1]
    ((signature, body),) = come(1, forge=True)
    assert signature != hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    assert come(3, lose=1) == []
    assert control("GET", "webhooks")["lost"] == 3


def test_a_receiver_that_fails_is_not_asked_again(client: Client, receiver: Receiver) -> None:
    set_up(client, receiver)
    receiver.status = 500
    client.simulator.control("POST", "register-many", {"webinar": "upcoming", "count": 2})
    counts = flush(client)
    assert (counts["failed"], counts["last_status"], len(receiver.posted)) == (2, 500, 2)


@pytest.mark.parametrize("scheme", ["base64", "none"])
def test_other_signature_formats(receiver: Receiver, scheme: str) -> None:
    with SimulatorProcess(webinars=12, registrants=12, webhook_signature=scheme) as simulator:
        client = Client(simulator)
        secret = set_up(client, receiver)
        simulator.control("POST", "register-many", {"webinar": "upcoming", "count": 1})
        flush(client)
        ((signature, body),) = receiver.posted
        made = hmac.new(secret.encode(), body, hashlib.sha256).digest()
        assert signature == (base64.b64encode(made).decode() if scheme == "base64" else None)


def test_they_survive_a_restart_and_can_be_reset(receiver: Receiver, tmp_path: Path) -> None:
    state_file = str(tmp_path / "state.json")
    with SimulatorProcess(webinars=12, registrants=12, state=state_file) as simulator:
        set_up(Client(simulator), receiver)
    with SimulatorProcess(webinars=12, registrants=12, state=state_file) as simulator:
        client = Client(simulator)
        simulator.control("POST", "register-many", {"webinar": "upcoming", "count": 1})
        assert flush(client)["delivered"] == 1
        simulator.control("POST", "forget-webhooks")
        assert client.get("/webhooks", product="g2w") == {}
        assert client.get("/userSubscriptions", product="g2w") == {}
