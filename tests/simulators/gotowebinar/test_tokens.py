"""Signing in, and the answers to an invalid token."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from simulators.gotowebinar.process import SimulatorProcess

from .client import Client
from .contract import check

INVALID = {"int_err_code": "InvalidToken", "msg": "Invalid token passed"}


def test_a_refresh_gives_no_new_refresh_token_and_no_keys(client: Client) -> None:
    answer = client.token()
    assert answer.status_code == 200
    check(answer.json(), "Token")
    assert not {"refresh_token", "organizer_key", "account_key"} & answer.json().keys()


def test_the_client_may_name_itself_in_the_form(client: Client) -> None:
    ready = client.ready
    form = {
        "grant_type": "refresh_token",
        "refresh_token": ready["refresh_token"],
        "client_id": ready["client_id"],
        "client_secret": ready["client_secret"],
    }
    answer = requests.post(f"{ready['auth_url']}/oauth/token", form, timeout=30)
    assert answer.status_code == 200
    answer = requests.post(
        f"{ready['auth_url']}/oauth/token", form | {"client_secret": "wrong"}, timeout=30
    )
    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": ""}, "invalid_request"),
        ({"refresh_token": "another"}, "invalid_grant"),
    ],
)
def test_wrong_requests_for_a_token(client: Client, form: dict[str, str], error: str) -> None:
    answer = client.token(**form)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


@pytest.mark.parametrize("header", ["Bearer wrong", "Basic abc", "Bearer", ""])
def test_an_invalid_token_gets_403(client: Client, header: str) -> None:
    client.http.headers["Authorization"] = header
    answer = client.call("GET", f"{client.organizer}/webinars")
    assert (answer.status_code, answer.json()) == (403, INVALID)


def test_expired_tokens_and_a_revoked_refresh_token() -> None:
    with SimulatorProcess(webinars=1, registrants=1, legacy_token_keys=True) as simulator:
        client = Client(simulator)
        webinar = client.webinar("big")
        simulator.control("POST", "expire-tokens")
        assert client.call("GET", webinar).status_code == 403
        client.sign_in()
        assert client.call("GET", webinar).status_code == 200

        simulator.control("POST", "revoke-refresh-token")
        assert client.call("GET", webinar).status_code == 403
        assert client.token().json()["error"] == "invalid_grant"
        simulator.control("POST", "revoke-refresh-token", {"on": False})
        legacy = client.token().json()
        assert legacy["organizer_key"] == simulator.ready["organizer_key"]
        assert legacy["account_key"] == simulator.ready["account_key"]


def test_a_token_with_zero_lifetime_is_invalid_at_once() -> None:
    with SimulatorProcess(webinars=1, registrants=1, token_seconds=0) as simulator:
        client = Client(simulator)
        assert client.call("GET", client.webinar("big")).json() == INVALID


@pytest.fixture
def allowed(client: Client) -> dict[str, str]:
    """A form that exchanges the code of a sign-in."""
    ready, uri = client.ready, "http://127.0.0.1:1/connections/callback/"
    asked = {
        "response_type": "code",
        "client_id": ready["client_id"],
        "redirect_uri": uri,
        "state": "s",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
    }
    page = f"{ready['auth_url']}/oauth/authorize"
    assert "Allow" in requests.get(page, asked, timeout=30).text
    wrong = requests.get(page, asked | {"redirect_uri": "http://a.example/"}, timeout=30)
    assert (wrong.status_code, "not registered" in wrong.text) == (400, True)
    back = requests.post(
        page, {"choice": "allow"}, params=asked, allow_redirects=False, timeout=30
    ).headers["Location"]
    code = dict(parse_qsl(urlsplit(back).query))
    assert back.startswith(uri) and code["state"] == "s"
    return {
        "grant_type": "authorization_code",
        "code": code["code"],
        "redirect_uri": uri,
        "code_verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    }


def test_a_code_is_valid_once_and_for_its_verifier(client: Client, allowed: dict[str, str]) -> None:
    answer = client.token(**allowed)
    assert answer.status_code == 200 and answer.json()["refresh_token"]
    assert client.token(**allowed).json()["error"] == "invalid_grant"


def test_a_code_without_its_verifier_is_invalid(client: Client, allowed: dict[str, str]) -> None:
    stolen = client.token(**allowed | {"code_verifier": "another"})
    assert (stolen.status_code, stolen.json()["error"]) == (400, "invalid_grant")
