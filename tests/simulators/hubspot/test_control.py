"""Changing the portal by control calls, faults, counted calls, the truth, and resetting."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from simulators.hubspot.process import SimulatorError

from .client import CONTACTS, EVENTS, REGISTERED_AT, Client


def test_calls_are_listed_in_order_with_their_status(client: Client) -> None:
    client.contact("a@person.example")
    client.call("GET", f"{CONTACTS}/1?properties=email")
    client.call("GET", "/crm/v3/lists", token="x")
    client.hubspot.truth()
    assert client.hubspot.calls() == [
        {"method": "POST", "path": CONTACTS, "status": 201},
        {"method": "GET", "path": f"{CONTACTS}/1", "status": 404},
        {"method": "GET", "path": "/crm/v3/lists", "status": 401},
    ]
    client.control("calls/reset")
    assert client.hubspot.calls() == []


def test_the_truth_has_all_and_every_value_that_a_property_had(client: Client) -> None:
    made = client.control(
        "contact",
        email="Ana@Person.example",
        additional_emails=["ana@home.example"],
        properties={"city": "Ulm"},
    )["id"]
    client.control("contact", email="ana@person.example", properties={"city": "Bonn"})
    [row] = [each for each in client.hubspot.truth()["contacts"] if each["id"] == made]
    assert row["properties"] == {"email": "ana@person.example", "city": "Bonn"}
    assert row["additional_emails"] == ["ana@home.example"]
    assert row["archived"] is False
    assert [each["value"] for each in row["history"]["city"]] == ["Bonn", "Ulm"]
    assert [each["value"] for each in row["history"]["email"]] == ["ana@person.example"]
    assert client.hubspot.truth().keys() >= {
        "contacts", "events", "participations", "notes", "lists",
    }  # fmt: skip


def test_contacts_are_archived_erased_and_merged(client: Client) -> None:
    for letter in "abcd":
        client.contact(f"{letter}@person.example")
    client.control("archive", email="a@person.example")
    client.control("erase", email="b@person.example")
    merged = client.control("merge", primary="c@person.example", other="d@person.example")
    truth = client.hubspot.truth()
    mine = [
        each for each in truth["contacts"] if each["properties"]["email"][1:] == "@person.example"
    ]
    assert [(each["properties"]["email"][0], each["archived"]) for each in mine] == [
        ("a", True), ("c", False),
    ]  # fmt: skip
    assert mine[1]["id"] == merged["id"]
    assert mine[1]["additional_emails"] == ["d@person.example"]
    with pytest.raises(SimulatorError, match="no contact"):
        client.control("archive", email="b@person.example")


@pytest.mark.parametrize("order", [{"status": 503}, {"drop": True}], ids=str)
def test_the_next_calls_fail_without_effect(client: Client, order: dict[str, Any]) -> None:
    client.control("fail", next=2, **order)
    for _ in range(2):
        try:
            assert client.create(email="a@person.example").status_code == 503
        except requests.ConnectionError:
            assert "drop" in order
    assert client.create(email="a@person.example").status_code == 201
    statuses = [each["status"] for each in client.hubspot.calls()]
    assert statuses == [order.get("status")] * 2 + [201]


@pytest.mark.parametrize("order", [{}, {"status": 504}], ids=str)
def test_an_answer_is_lost_after_the_call_took_effect(
    client: Client, order: dict[str, Any]
) -> None:
    client.control("fail", after_effect=True, **order)
    try:
        assert client.create(email="a@person.example").status_code == 504
    except requests.ConnectionError:
        assert not order
    assert client.create(email="a@person.example").status_code == 409


def test_a_fault_waits_for_the_calls_that_it_is_meant_for(client: Client) -> None:
    body = {"status": "error", "message": "Told so"}
    client.control(
        "fail", status=500, path="batch/read$", method="post", body=body, retry_after="7"
    )
    assert client.call("GET", CONTACTS).ok
    answer = client.call("POST", f"{CONTACTS}/batch/read", json={"inputs": []})
    assert (answer.status_code, answer.json()) == (500, body)
    assert answer.headers["Retry-After"] == "7"
    client.control("fail", status=429)
    assert client.call("GET", CONTACTS).json()["policyName"] == "TEN_SECONDLY_ROLLING"
    client.control("fail", next=9, status=403)
    assert client.call("GET", CONTACTS).json()["category"] == "MISSING_SCOPES"
    client.control("fail/clear")
    assert client.call("GET", CONTACTS).ok


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("nothing", {}),
        ("fail", {}),
        ("fail", {"status": 200}),
        ("fail", {"status": 500, "nxt": 2}),
        ("fail", {"status": 500, "path": "("}),
        ("contact", {}),
        ("contact", {"email": "x"}),
        ("erase", {"email": "x@y.z"}),
        ("merge", {"primary": "x@y.z", "other": "x@y.z"}),
        ("submit-form", {"email": "a@person.example", "form": "none"}),
        ("scopes", {"missing": ["none"]}),
        ("reset", {"contacts": -1}),
        ("reset", {"region": "mars"}),
        ("reset", {"sede": 1}),
    ],
    ids=str,
)
def test_wrong_control_calls_are_refused(client: Client, path: str, body: dict[str, Any]) -> None:
    before = client.hubspot.truth()
    with pytest.raises(SimulatorError, match="error"):
        client.hubspot.control("POST", path, body)
    assert client.hubspot.truth() == before


def test_a_reset_gives_the_portal_of_the_start(client: Client) -> None:
    first, ready = client.hubspot.truth()["contacts"], dict(client.hubspot.ready)
    event, contact = client.event(), client.contact("a@person.example")
    client.attend(event, "register", contact, REGISTERED_AT)
    orders: list[tuple[str, dict[str, Any]]] = [
        ("fail", {"next": 50, "status": 500}),
        ("rate-limit", {"limit": 1, "daily": 1}),
        ("latency", {"ms": 60_000}),
        ("clock", {"seconds": 86_400 * 400, "stopped": True}),
        ("scopes", {"missing": ["forms"], "short": True}),
        ("require", {"properties": ["city"]}),
        ("error-codes", {"on": True}),
        ("revoke", {}),
    ]
    for path, body in orders:
        client.hubspot.control("POST", path, body)
    client.hubspot.reset()
    assert client.hubspot.ready == ready
    again = client.hubspot.truth()

    def timeless(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{**row, "history": sorted(row["history"])} for row in rows]

    assert timeless(again["contacts"]) == timeless(first)
    assert again["events"] == again["participations"] == []
    assert client.hubspot.calls() == []
    assert client.create(email="a@person.example").status_code == 201
    assert client.call("GET", EVENTS).ok


def test_a_reset_takes_another_portal(client: Client) -> None:
    before = client.hubspot.ready["portal_id"]
    client.hubspot.reset(contacts=60, seed=11)
    assert client.hubspot.ready["portal_id"] != before
    people = client.hubspot.truth()["contacts"]
    assert len(people) == 60
    assert [each for each in people if each["additional_emails"]]
    assert [each for each in people if each["opted_out"]]
    addresses = [
        address
        for each in people
        for address in [each["properties"]["email"], *each["additional_emails"]]
    ]
    assert len(addresses) == len(set(addresses))
    client.hubspot.reset()
    assert client.hubspot.ready["portal_id"] == before


def test_latency_delays_answers_and_not_control_calls(client: Client) -> None:
    client.control("latency", ms=50)
    assert client.call("GET", CONTACTS).elapsed.total_seconds() >= 0.05
