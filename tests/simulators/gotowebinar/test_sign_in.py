"""Who signs in, what their tokens allow, and the life cycle of refresh tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from simulators.gotowebinar.process import SimulatorProcess

from .client import Client

BACK = "http://127.0.0.1:1/connections/callback/"


@pytest.fixture
def own() -> Iterator[Client]:
    """A client of a simulator that no other test uses."""
    with SimulatorProcess(webinars=3, registrants=3) as simulator:
        yield Client(simulator)


def authorization(client: Client) -> tuple[str, dict[str, str]]:
    """The URL of the authorization page, and the key for each name there."""
    asked = {
        "response_type": "code",
        "client_id": client.ready["client_id"],
        "redirect_uri": BACK,
        "state": "s",
    }
    page = requests.get(f"{client.ready['auth_url']}/oauth/authorize", asked, timeout=30)
    return page.url, {name: key for key, name in re.findall(r"value='(\d+)'>(\w+)", page.text)}


def sign_in(client: Client, who: str) -> dict[str, Any]:
    """Allow it as `who`; from then on the client calls as them."""
    url, keys = authorization(client)
    chosen = {"user": keys[who], "choice": "allow"}
    back = requests.post(url, chosen, allow_redirects=False, timeout=30).headers["Location"]
    code = dict(parse_qsl(urlsplit(back).query))["code"]
    token = client.token(grant_type="authorization_code", code=code, redirect_uri=BACK).json()
    client.http.headers["Authorization"] = f"Bearer {token['access_token']}"
    return dict(token) | {"key": keys[who]}


def refreshed(client: Client, value: str) -> dict[str, Any]:
    return dict(client.token(refresh_token=value).json())


def test_each_user_sees_only_their_own_webinars(own: Client) -> None:
    adas = own.webinar("big")
    ben = sign_in(own, "Ben")
    assert ben["principal"] == "Ben.Second@webinarsync.example"
    assert own.get("//identity/v1/Users/me")["id"] == ben["key"]
    assert own.get("//admin/rest/v1/me")["key"] == ben["key"]
    assert own.call("GET", adas).status_code == 403
    mine = f"/organizers/{ben['key']}/webinars"
    everything = {"fromTime": "2000-01-01T00:00:00Z", "toTime": "2100-01-01T00:00:00Z"}
    assert own.get(mine, **everything)["page"]["totalElements"] == 0
    # For one's own user, another's webinar does not exist.
    assert own.call("GET", f"{mine}/{adas.rsplit('/', 1)[1]}").status_code == 404
    times = [{"startTime": "2090-01-01T00:00:00Z", "endTime": "2090-01-01T01:00:00Z"}]
    made = own.call("POST", mine, json={"subject": "Ben's", "times": times}).json()["webinarKey"]
    listed = own.get(mine, **everything)["_embedded"]["webinars"]
    assert [(one["webinarKey"], one["organizerKey"]) for one in listed] == [(made, ben["key"])]


def test_without_the_product_gotowebinar_is_closed(own: Client) -> None:
    cleo = sign_in(own, "Cleo")
    assert own.get("//identity/v1/Users/me")["id"] == cleo["key"]
    answer = own.call("GET", f"/organizers/{cleo['key']}/webinars")
    assert (answer.status_code, answer.json()["errorCode"]) == (403, "Forbidden")


def test_revoking_ends_that_sign_in_and_no_other(own: Client) -> None:
    first, second = sign_in(own, "Ada"), sign_in(own, "Ada")
    url, client = own.ready["auth_url"], (own.ready["client_id"], own.ready["client_secret"])
    body = {"token": second["refresh_token"]}
    assert requests.post(f"{url}/oauth/revoke", body, timeout=30).status_code == 401
    assert requests.post(f"{url}/oauth/revoke", body, auth=client, timeout=30).status_code == 200
    assert own.call("GET", own.webinar("big")).status_code == 403
    assert refreshed(own, second["refresh_token"])["error"] == "invalid_grant"
    assert refreshed(own, first["refresh_token"])["access_token"]
    # An unknown token counts as revoked (RFC 7009, 2.2).
    unknown = requests.post(f"{url}/oauth/revoke", {"token": "x"}, auth=client, timeout=30)
    assert unknown.status_code == 200


def test_near_its_expiry_a_new_token_is_returned_and_the_old_one_stays_valid(own: Client) -> None:
    old = sign_in(own, "Ada")["refresh_token"]
    assert "refresh_token" not in refreshed(own, old)
    own.simulator.control("POST", "age-refresh-tokens", {"days": 28})
    new = refreshed(own, old)["refresh_token"]
    assert refreshed(own, old)["access_token"]
    own.simulator.control("POST", "age-refresh-tokens", {"days": 3})
    assert refreshed(own, old)["error"] == "invalid_grant"
    assert "access_token" in refreshed(own, new)


def test_valid_once(own: Client) -> None:
    own.simulator.control("POST", "single-use", {"on": True})
    first = sign_in(own, "Ada")["refresh_token"]
    second = refreshed(own, first)["refresh_token"]
    assert refreshed(own, first)["error"] == "invalid_grant"
    assert refreshed(own, second)["refresh_token"]


def test_either_path_to_who_signed_in_can_be_missing(own: Client) -> None:
    own.simulator.control("POST", "who-signed-in", {"admin": False})
    assert own.call("GET", "//identity/v1/Users/me").status_code == 200
    refusal = own.call("GET", "//admin/rest/v1/me")
    assert (refusal.status_code, refusal.json()["errorCode"]) == (401, "not.authenticated")


def test_the_sign_in_survives_a_restart(tmp_path: Any) -> None:
    options = {"webinars": 1, "registrants": 1, "state": str(tmp_path / "state.json")}
    with SimulatorProcess(**options) as simulator:
        token = sign_in(Client(simulator), "Ben")["refresh_token"]
    with SimulatorProcess(**options) as simulator:
        assert refreshed(Client(simulator), token)["principal"].startswith("Ben")


def test_a_scope_that_the_client_lacks_is_sent_back(own: Client) -> None:
    url, _ = authorization(own)
    answer = requests.get(f"{url}&scope=meetings", allow_redirects=False, timeout=30)
    assert "error=invalid_scope" in answer.headers["Location"]
