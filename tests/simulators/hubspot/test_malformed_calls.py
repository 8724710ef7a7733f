"""Invalid calls are refused, and leave the portal unchanged."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from simulators.hubspot.routes import Endpoint, endpoints

from .client import CONTACTS, EVENTS, LISTS, Client
from .versions import NEW, versioned

ROWS: tuple[Any, ...] = (None, 1, "x", [], {"id": None}, {"id": "²", "properties": 1})
BODIES: list[Any] = [
    None, 1, "x", [], ["x", None], {"inputs": "x"}, *({"inputs": [row]} for row in ROWS),
]  # fmt: skip
WRITING = [each for each in endpoints() if each.method not in ("GET", "DELETE")]


def address(endpoint: Endpoint, text: str) -> str:
    """Return an endpoint's path with a text for each of its parameters."""
    path = endpoint.path.replace("{state}", "register")
    return versioned(re.sub(r"\{[a-z_]+\}", text, path), NEW)


@pytest.mark.parametrize("content", [b"{", b"\xff", b"[1", b'{"inputs": [}'], ids=repr)
def test_what_is_no_json_is_refused(client: Client, content: bytes) -> None:
    for path in (CONTACTS, f"{CONTACTS}/batch/read", f"{EVENTS}/events", LISTS):
        answer = client.call("POST", path, data=content)
        assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize("endpoint", WRITING, ids=lambda each: f"{each.method} {each.path}")
def test_bodies_of_another_shape_are_refused(client: Client, endpoint: Endpoint) -> None:
    before = client.hubspot.truth()["contacts"]
    event = client.event()
    for body in BODIES:
        answer = client.call(endpoint.method, address(endpoint, event), data=json.dumps(body))
        assert answer.status_code < 500, (body, answer.text)
    assert client.hubspot.truth()["contacts"] == before


def test_ids_are_digits_as_ascii_has_them(client: Client) -> None:
    for endpoint in endpoints():
        if endpoint.method == "GET":
            for text in ("²", "２", "%00", "x%20y", "1" * 30):
                answer = client.call("GET", address(endpoint, text))
                assert answer.status_code < 500, (endpoint.path, text)


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "limit=²", "after=x", "after=²"])
def test_pages_are_asked_for_by_numbers(client: Client, query: str) -> None:
    for path in (CONTACTS, EVENTS, "/marketing/v3/forms"):
        assert client.call("GET", f"{path}?{query}").status_code == 400
