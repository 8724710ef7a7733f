"""Section 5 of the known behaviour of HubSpot: rate limits. Each test is named by its line
there."""

from __future__ import annotations

import pytest
import requests

from simulators.hubspot.tokens import CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN

from .client import CONTACTS, EVENTS, Client, recorded, same_but

PREFIX = "X-HubSpot-RateLimit-"


def test_5_1_a_hundred_calls_in_ten_seconds_of_each_app(client: Client) -> None:
    client.hubspot.reset(rate_limit=100)
    client.control("clock", stopped=True)
    other = client.control("credential")["access_token"]
    answers = [client.call("GET", CONTACTS) for _ in range(101)]
    assert [each.status_code for each in answers] == [200] * 100 + [429]
    assert client.call("GET", CONTACTS, token=other).ok, "each app has its own"
    assert client.call("POST", f"{CONTACTS}/search", json={}).ok, "and so does searching"
    assert answers[0].headers[f"{PREFIX}Daily"] == "250000"
    client.control("clock", seconds=9.9)
    assert client.call("GET", EVENTS).status_code == 429
    client.control("clock", seconds=0.1)
    assert client.call("GET", EVENTS).ok


def test_5_2_headers_have_the_remaining_calls(client: Client) -> None:
    client.control("rate-limit", limit=190, daily=625_000)
    client.call("GET", CONTACTS)
    headers = client.call("GET", CONTACTS).headers
    assert {name: headers[PREFIX + name] for name in ("Max", "Remaining", "Daily")} == {
        "Max": "190", "Remaining": "188", "Daily": "625000",
    }  # fmt: skip
    assert headers[f"{PREFIX}Interval-Milliseconds"] == "10000"
    assert headers[f"{PREFIX}Daily-Remaining"] == "624998"
    search = client.call("POST", f"{CONTACTS}/search", json={})
    assert not [name for name in search.headers if name.startswith(PREFIX)]


def test_5_2_oauth_apps_get_no_daily_limit(client: Client) -> None:
    form = {
        "grant_type": "refresh_token",
        "refresh_token": REFRESH_TOKEN,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
    }
    url = client.hubspot.api_url + "/oauth/2026-09/token"
    token = requests.post(url, form, timeout=30).json()["access_token"]
    client.control("rate-limit", limit=110)
    headers = client.call("GET", CONTACTS, token=token).headers
    assert headers[f"{PREFIX}Max"] == "110"
    assert f"{PREFIX}Daily" not in headers


@pytest.mark.parametrize(
    ("region", "before", "after"),
    [
        ("na1", "2026-11-26T04:59:59Z", "2026-11-26T05:00:00Z"),
        ("eu1", "2026-11-25T22:59:59Z", "2026-11-25T23:00:00Z"),
    ],
)
def test_5_2_a_day_ends_at_midnight_of_the_portal(
    client: Client, region: str, before: str, after: str
) -> None:
    client.hubspot.reset(region=region)
    token = str(client.hubspot.ready["access_token"])
    client.control("rate-limit", daily=1)
    client.control("clock", at=before)
    assert client.call("GET", CONTACTS, token=token).ok
    refused = client.call("GET", CONTACTS, token=token)
    assert refused.status_code == 429
    assert refused.headers[f"{PREFIX}Daily-Remaining"] == "0"
    client.control("clock", at=after)
    assert client.call("GET", CONTACTS, token=token).ok


def test_5_3_a_429_names_its_policy(client: Client) -> None:
    client.control("clock", stopped=True)
    client.control("rate-limit", daily=1)
    client.call("GET", CONTACTS)
    assert same_but(client.call("GET", CONTACTS).json(), recorded("daily_limit"))
    client.control("rate-limit", daily=0, limit=1, search=1)
    client.call("GET", CONTACTS)
    body = client.call("GET", CONTACTS).json()
    assert body["policyName"] == "TEN_SECONDLY_ROLLING"
    assert body["message"] == "You have reached your ten_secondly_rolling limit."
    client.call("POST", f"{CONTACTS}/search", json={})
    body = client.call("POST", f"{CONTACTS}/search", json={}).json()
    assert body["policyName"] == "SECONDLY"
    assert body["message"] == recorded("secondly_limit")["message"]


def test_5_4_retry_after_comes_only_when_asked_for(client: Client) -> None:
    """Whether HubSpot sends it is not known."""
    client.control("clock", stopped=True)
    client.control("rate-limit", limit=1)
    client.call("GET", CONTACTS)
    assert "Retry-After" not in client.call("GET", CONTACTS).headers
    client.control("rate-limit", retry_after="3")
    assert client.call("GET", CONTACTS).headers["Retry-After"] == "3"
