"""What a line of the log contains, and what it never does."""

import json
import logging
import sys

import pytest
import structlog
from django.test import Client

from webinarsync.logging_config import Discreet


def line(kind: str, text: str = "Something happened", **more: object) -> str:
    record = logging.LogRecord("sync", logging.WARNING, "x.py", 1, text, (), None)
    vars(record).update(more)
    return Discreet(kind).format(record)


def test_a_line_shows_which_request_and_which_run() -> None:
    with structlog.contextvars.bound_contextvars(request_id="abc", run_id=7):
        text, parsed = line("text"), json.loads(line("json"))
    assert text.endswith("WARNING sync: Something happened [request_id abc] [run_id 7]")
    assert (parsed["event"], parsed["request_id"], parsed["run_id"]) == (
        "Something happened",
        "abc",
        7,
    )
    assert parsed["level"] == "warning" and parsed["timestamp"].endswith("Z")


@pytest.mark.parametrize("kind", ["text", "json"])
@pytest.mark.parametrize(
    "address", ["/connections/webhook/{}/", "/register/a-webinar/{}/status/", "/unsubscribe/{}/"]
)
def test_the_secret_part_of_an_address_is_left_out(kind: str, address: str) -> None:
    secret = "s3cret-" * 6
    try:
        raise ValueError(address.format(secret))
    except ValueError:
        found = line(kind, f"Not Found: {address.format(secret)}", exc_info=sys.exc_info())
    assert "Not Found" in found and "ValueError" in found
    assert "s3cret" not in found


def test_an_answer_names_its_request(db: None) -> None:
    client = Client()
    made = client.get("/admin/login/")["X-Request-ID"]
    assert len(made) == 32
    response = client.get("/admin/login/", headers={"x-request-id": "from-the-proxy-1"})
    assert response["X-Request-ID"] == "from-the-proxy-1"
    # What could break a line of the log, or fill it, is not logged.
    for odd in ("a" * 65, "short", "with space in it"):
        assert client.get("/admin/login/", headers={"x-request-id": odd})["X-Request-ID"] != odd
