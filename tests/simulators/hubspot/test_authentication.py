"""Section 1 of the known behaviour of HubSpot: authentication. Each test is named by its line
there.

Sections and lines are those of the notes that the simulator is based on: what integrators observed
with a live portal, and what HubSpot documents. Lines that are only published in specifications, or
not known, have a test if the product depends on them.
"""

from __future__ import annotations

import pytest
import requests

from simulators.hubspot.process import SimulatorError
from simulators.hubspot.tokens import CLIENT_ID, CLIENT_SECRET, CODE, REFRESH_TOKEN

from .client import CONTACTS, EVENTS, LISTS, Client, recorded, same_but

DETAILS = "/account-info/2026-09/details"
DAY = 86_400


def oauth(client: Client, **form: str) -> requests.Response:
    whole = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, **form}
    return requests.post(client.hubspot.api_url + "/oauth/2026-09/token", whole, timeout=30)


def access_token(client: Client) -> str:
    answer = oauth(client, grant_type="refresh_token", refresh_token=REFRESH_TOKEN)
    return str(answer.json()["access_token"])


def test_1_1_legacy_private_apps_can_no_longer_be_created(client: Client) -> None:
    client.control("clock", at="2026-10-25T12:00:00Z")
    older = client.control("credential", kind="private-app")["access_token"]
    client.control("clock", at="2026-10-27T12:00:00Z")
    with pytest.raises(SimulatorError, match="no longer be created"):
        client.control("credential", kind="private-app")
    assert client.call("GET", CONTACTS, token=older).ok, "existing ones go on"


def test_1_2_a_service_key_is_rotated_at_once_or_with_days_of_grace(client: Client) -> None:
    assert client.token.startswith("pat-")
    client.control("clock", seconds=400 * DAY)
    assert client.call("GET", CONTACTS).ok, "it does not expire of its own accord"
    second = client.control("rotate", grace_days=7)["access_token"]
    client.control("clock", seconds=6 * DAY)
    assert client.call("GET", CONTACTS).ok and client.call("GET", CONTACTS, token=second).ok
    client.control("clock", seconds=2 * DAY)
    assert client.call("GET", CONTACTS).status_code == 401
    third = client.control("rotate")["access_token"]
    assert client.call("GET", CONTACTS, token=second).status_code == 401
    assert client.call("GET", CONTACTS, token=third).ok


def test_1_3_an_app_with_a_static_token_is_another_way(client: Client) -> None:
    static = client.control("credential", kind="static-app")["access_token"]
    assert static != client.token
    assert client.good("GET", DETAILS, token=static) == client.good("GET", DETAILS)
    client.control("clock", seconds=400 * DAY)
    assert client.call("GET", CONTACTS, token=static).ok


@pytest.mark.parametrize("kind", ["service-key", "static-app", "private-app"])
def test_1_4_marketing_events_take_static_tokens_and_oauth(client: Client, kind: str) -> None:
    client.control("clock", at="2026-09-01T12:00:00Z")
    client.event()
    static = client.control("credential", kind=kind)["access_token"]
    answers = [client.call("GET", EVENTS, token=each) for each in (static, access_token(client))]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content


@pytest.mark.parametrize(("region", "domain"), [("na1", "app"), ("eu1", "app-eu1")])
def test_1_7_a_european_portal_has_another_domain_for_people_alone(
    client: Client, region: str, domain: str
) -> None:
    client.hubspot.reset(region=region)
    token = str(client.hubspot.ready["access_token"])
    details = client.good("GET", DETAILS, token=token)
    assert details["uiDomain"] == f"{domain}.hubspot.com"
    assert details["dataHostingLocation"] == region
    assert details["portalId"] == client.hubspot.ready["portal_id"]


def test_1_9_an_access_token_is_long_and_lasts_half_an_hour(client: Client) -> None:
    grant = oauth(client, grant_type="authorization_code", code=CODE).json()
    assert grant["expires_in"] == 1800
    assert grant["refresh_token"] and grant["hub_id"] == client.hubspot.ready["portal_id"]
    assert 255 < len(grant["access_token"]) <= 512
    client.control("clock", seconds=1790)
    assert client.call("GET", CONTACTS, token=grant["access_token"]).ok
    client.control("clock", seconds=20)
    assert client.call("GET", CONTACTS, token=grant["access_token"]).status_code == 401
    answer = requests.post(
        client.hubspot.api_url + "/oauth/2026-09/token/introspect",
        {"token": grant["access_token"]},
        timeout=30,
    )
    assert answer.json() == {"active": False}


def test_1_10_a_bad_refresh_token(client: Client) -> None:
    answer = oauth(client, grant_type="refresh_token", refresh_token="bad")
    assert answer.status_code == 400
    assert same_but(answer.json(), recorded("bad_refresh_token"), "message")
    client.control("revoke")
    again = oauth(client, grant_type="refresh_token", refresh_token=REFRESH_TOKEN)
    assert again.json()["status"] == "BAD_REFRESH_TOKEN"


def test_1_12_an_expired_token(client: Client) -> None:
    client.control("clock", stopped=True)
    token = access_token(client)
    client.control("clock", seconds=1800 + 75)
    answer = client.call("GET", CONTACTS, token=token)
    body = recorded("token_expired")
    assert answer.status_code == 401
    assert same_but(answer.json(), body, "context")
    assert answer.json()["context"].keys() == body["context"].keys()


@pytest.mark.parametrize("token", ["x", "pat-na1-cut-off", "0123456789abcdef"])
def test_1_13_a_mangled_token_is_reported_as_expired_since_1970(client: Client, token: str) -> None:
    client.control("clock", at="2025-09-05T12:00:00Z")
    answer = client.call("GET", CONTACTS, token=token)
    assert answer.status_code == 401
    assert same_but(answer.json(), recorded("token_mangled"))


def test_1_14_no_token_or_an_unknown_one(client: Client) -> None:
    unknown = "pat-na1-11111111-2222-3333-4444-555555555555"
    revoked = client.control("credential")["access_token"]
    client.control("revoke")
    for token in ("", unknown, revoked):
        answer = client.call("GET", CONTACTS, token=token)
        assert answer.status_code == 401
        assert same_but(answer.json(), recorded("token_missing"))
    client.control("revoke", on=False)
    assert client.call("GET", CONTACTS).ok


def test_1_15_a_missing_scope_is_named_in_either_form(client: Client) -> None:
    client.control("scopes", missing=["crm.lists.read"])
    answer = client.call("GET", LISTS)
    assert answer.status_code == 403
    assert same_but(answer.json(), recorded("scopes_missing"), "message")
    assert answer.json()["message"].startswith(recorded("scopes_missing")["message"][:-1])
    client.control("scopes", missing=["crm.lists.read"], key="requiredGranularScopes")
    context = client.call("GET", LISTS).json()["errors"][0]["context"]
    assert context == {"requiredGranularScopes": ["crm.lists.read"]}
    client.control("scopes", missing=["crm.lists.read"], short=True)
    short = client.call("GET", LISTS).json()["message"]
    message = recorded("scopes_missing_short")["message"]
    assert short == message.replace("crm.objects.tasks.read", "crm.lists.read")
    assert client.call("GET", CONTACTS).ok


@pytest.mark.parametrize(
    ("scope", "method", "path"),
    [
        ("crm.objects.contacts.read", "GET", CONTACTS),
        ("crm.objects.contacts.write", "POST", CONTACTS),
        ("crm.schemas.contacts.read", "GET", "/crm/properties/2026-09/contacts"),
        ("crm.objects.marketing_events.read", "GET", EVENTS),
        ("crm.objects.marketing_events.write", "POST", f"{EVENTS}/events"),
        ("crm.objects.marketing_events.write", "GET", f"{EVENTS}/associations/1/lists"),
        ("crm.lists.write", "POST", LISTS),
        ("crm.lists.read", "POST", LISTS),
        ("forms", "GET", "/marketing/v3/forms"),
        ("oauth", "GET", DETAILS),
    ],
)
def test_each_path_asks_for_its_scopes(client: Client, scope: str, method: str, path: str) -> None:
    client.control("scopes", missing=[scope])
    answer = client.call(method, path, json={})
    assert answer.status_code == 403
    assert answer.json()["errors"][0]["context"]["requiredScopes"] == [scope]
