"""Sections 6, 7 and 11 of the known behaviour of HubSpot: webhooks, forms, opt-outs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from hubspot.utils.signature import Signature

from tests.fixtures.http_receiver import listening

from .client import CONTACTS, EVENTS, JOIN, LEAVE, Client

DAY = 86_400


@dataclass
class Receiver:
    """A URL that records what is posted to it: signature, timestamp and body."""

    url: str
    posted: list[tuple[str, str, str]] = field(default_factory=list)
    status: int = 200

    def events(self) -> list[dict[str, Any]]:
        return [event for _, _, body in self.posted for event in json.loads(body)]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            signature = self.headers["X-HubSpot-Signature-v3"]
            found.posted.append((signature, self.headers["X-HubSpot-Request-Timestamp"], body))
            self.send_response(found.status)
            self.end_headers()

        def log_message(self, *_: Any) -> None: ...

    with listening(Handler) as url:
        found = Receiver(url)
        yield found


def test_6_2_events_are_signed_as_the_official_library_checks(
    client: Client, receiver: Receiver
) -> None:
    secret = client.control("webhooks", url=receiver.url)["secret"]
    first, second = client.contact("a@person.example"), client.contact("b@person.example")
    client.good("PATCH", f"{CONTACTS}/{first}", json={"properties": {"city": "Ulm"}})
    merged = client.control("merge", primary=first, other=second)["id"]
    client.control("archive", id=merged)
    third = client.contact("c@person.example")
    client.control("erase", id=third)
    client.control("webhooks/flush")
    events = receiver.events()
    assert [each["subscriptionType"] for each in events] == [
        "contact.creation", "contact.creation", "contact.propertyChange", "contact.merge",
        "contact.deletion", "contact.creation", "contact.privacyDeletion",
    ]  # fmt: skip
    assert events[2]["propertyName"] == "city"
    assert len({each["appId"] for each in events}) == 1, "an app's; keys have no webhooks"
    assert {each["portalId"] for each in events} == {client.hubspot.ready["portal_id"]}
    for signature, timestamp, body in receiver.posted:
        for text, good in ((body, True), (body + " ", False)):
            assert good is Signature.is_valid(
                signature,
                secret,
                text,
                http_uri=receiver.url,
                signature_version="v3",
                timestamp=timestamp,
            )


@pytest.mark.parametrize("status", [404, 500])
def test_6_3_an_event_is_sent_ten_times_more_within_a_day(
    client: Client, receiver: Receiver, status: int
) -> None:
    receiver.status = status
    client.control("webhooks", url=receiver.url)
    client.control("clock", stopped=True)
    client.contact("a@person.example")
    passed = 0
    flushed = client.control("webhooks/flush")
    while flushed["waiting"] and passed < 2 * DAY:
        client.control("clock", seconds=600)
        passed += 600
        flushed = client.control("webhooks/flush")
    assert (flushed["given_up"], flushed["delivered"]) == (1, 0)
    assert len(receiver.posted) == 11
    assert passed <= DAY
    assert len({body for _, _, body in receiver.posted}) == 1


def submissions(client: Client, form: str, **query: Any) -> Any:
    path = f"/form-integrations/v1/submissions/forms/{form}"
    return client.good("GET", path, params=query)


def test_7_1_submissions_come_newest_first_fifty_a_page(client: Client) -> None:
    form = client.hubspot.truth()["forms"][0]["id"]
    for number in range(60):
        client.control(
            "submit-form",
            form=form,
            email=f"p{number}@person.example",
            values={"firstname": "Ana", "LEGAL_CONSENT.subscription_type_1": "Yes"},
            submitted_at=1_795_000_000_000 + number,
            conversion_id=number % 2 == 0,
        )
    page = submissions(client, form, limit=50)
    rest = submissions(client, form, limit=50, after=page["paging"]["next"]["after"])
    rows = page["results"] + rest["results"]
    assert (len(page["results"]), len(rest["results"])) == (50, 10)
    assert "paging" not in rest
    times = [each["submittedAt"] for each in rows]
    assert times == sorted(times, reverse=True)
    values = {each["name"]: each["value"] for each in rows[0]["values"]}
    assert values == {
        "email": "p59@person.example",
        "firstname": "Ana",
        "LEGAL_CONSENT.subscription_type_1": "Yes",
    }
    assert {"conversionId" in each for each in rows} == {True, False}
    path = f"/form-integrations/v1/submissions/forms/{form}"
    assert client.call("GET", path, params={"limit": 51}).status_code == 400
    assert client.call("GET", path[:-1] + "x").status_code == 404


def test_7_1_a_form_creates_or_changes_its_contact(client: Client) -> None:
    known = client.contact("a@person.example", city="Ulm")
    sent = client.control("submit-form", email="a@person.example", values={"city": "Bonn"})
    assert sent["id"] == known
    assert client.properties(known, "city") == {"city": "Bonn"}
    new = client.control("submit-form", email="b@person.example", values={"city": "Kiel"})
    assert client.properties(new["id"], "city") == {"city": "Kiel"}


def test_7_2_forms_are_listed(client: Client) -> None:
    rows = client.good("GET", "/marketing/v3/forms")["results"]
    assert [each["name"] for each in rows] == ["Webinar registration", "Newsletter"]
    one = client.good("GET", f"/marketing/v3/forms/{rows[0]['id']}")
    assert one == rows[0]


def test_7_3_no_one_is_cancelled_unless_a_cancellation_is_written(client: Client) -> None:
    """HubSpot's own integration writes none, so its people stay registered, or become no-shows."""
    event, contact = client.event(), client.contact("a@person.example")
    client.attend(event, "register", contact)
    client.control("clock", seconds=30 * DAY)
    assert client.counters(event)["registered"] == 1
    times = {"startDateTime": JOIN, "endDateTime": LEAVE}
    path = f"{EVENTS}/events/w-1/complete"
    client.good("POST", path, params={"externalAccountId": "org-1"}, json=times)
    assert client.counters(event) == {
        "registered": 0, "attended": 0, "cancelled": 0, "noShows": 1,
    }  # fmt: skip


def test_11_1_and_2_an_opt_out_is_a_property_and_a_status(client: Client) -> None:
    known = client.contact("a@person.example")
    path = "/communication-preferences/2026-03/statuses/a@person.example/unsubscribe-all"
    assert client.good("GET", path, params={"channel": "EMAIL"})["results"] == []
    assert client.properties(known, "hs_email_optout") == {"hs_email_optout": None}
    client.control("opt-out", email="a@person.example")
    assert client.properties(known, "hs_email_optout") == {"hs_email_optout": "true"}
    [status] = client.good("GET", path, params={"channel": "EMAIL"})["results"]
    assert (status["status"], status["wideStatusType"]) == ("UNSUBSCRIBED", "PORTAL_WIDE")
    client.control("opt-out", email="a@person.example", on=False)
    assert client.good("GET", path)["results"] == []


def test_11_2_a_batch_of_addresses_shows_who_opted_out(client: Client) -> None:
    client.contact("a@person.example")
    client.contact("b@person.example")
    client.control("opt-out", email="a@person.example")
    client.control("opt-out", address="nobody@person.example")
    path = "/communication-preferences/2026-09/statuses/batch/unsubscribe-all/read"
    asked = {"inputs": ["a@person.example", "b@person.example", "Nobody@person.example"]}
    rows = client.good("POST", path, params={"channel": "EMAIL"}, json=asked)["results"]
    assert [row["subscriberIdString"] for row in rows] == [
        "a@person.example", "Nobody@person.example",
    ]  # fmt: skip
    [status] = rows[0]["wideStatuses"]
    assert (status["status"], status["wideStatusType"]) == ("UNSUBSCRIBED", "PORTAL_WIDE")
    assert client.call("POST", path, json=asked).status_code == 400
    params = {"channel": "EMAIL"}
    for inputs in (["x"] * 101, "x", [1]):
        assert client.call("POST", path, params=params, json={"inputs": inputs}).status_code == 400
    client.control("scopes", missing=["communication_preferences.statuses.batch.read"])
    assert client.call("POST", path, params=params, json=asked).status_code == 403
