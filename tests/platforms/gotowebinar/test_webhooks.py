"""Webhooks of GoTo: events, signatures, and the calls that set them up."""

import base64
import datetime as dt
import hashlib
import hmac
import json

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from platforms.contract import RetryPolicy
from platforms.errors import Malformed, NotAllowed, ServerError, Unreachable
from platforms.gotowebinar import EVENTS, is_signed, read_event, revoke
from platforms.records import Subscription, Webhook
from tests.platforms.gotowebinar import recorded
from tests.platforms.gotowebinar.test_client import HOSTS, Canned, client

pytestmark = pytest.mark.pure
SECRET = json.loads(recorded.SECRET_KEY)["value"]


def test_an_event_contains_the_complete_record() -> None:
    event = read_event(recorded.EVENT_ADDED)
    assert (event.webinar_key, event.registrant_key) == (
        "4993558771612668743",
        "9223372036854775809",
    )
    assert event.at == dt.datetime(2026, 11, 20, 9, 12, 3, 512_000, dt.UTC)
    assert event.details is not None
    person = event.details.registrant
    assert (person.last_name, person.email) == ("Ångström", "Anna@Example.com")
    assert event.details.properties == {
        "city": "Uppsala",
        "country": "Sweden",
        "zip_code": "75105",
        "organization": "Acme",
        "job_title": "Physicist",
        "industry": "Science",
    }
    assert event.details.source == "Newsletter"
    assert [(item.question, item.answer) for item in event.details.answers] == [
        ("Why?", "Because"),
        ("Which?", "This, That"),
    ]


def test_what_a_contact_has_no_place_for_is_read_too() -> None:
    body = json.loads(recorded.EVENT_ADDED) | {
        "comments": "Will there be slides?", "employeeCount": 70, "purchasingRole": "Recommends",
        "registrationSource": "Newsletter 12",
    }  # fmt: skip
    details = read_event(json.dumps(body).encode()).details
    assert details is not None
    assert details.extras == {
        "comments": "Will there be slides?", "employees": "70", "purchasing_role": "Recommends",
    }  # fmt: skip
    # It contains neither opt-outs nor late registration: the registrant is read later.
    assert (details.source, details.by_event) == ("Newsletter 12", True)


def test_times_come_as_text_and_as_milliseconds() -> None:
    event = read_event(recorded.EVENT_JOINED)
    assert event.at == dt.datetime.fromtimestamp(1795252323.512, dt.UTC)
    assert (event.session_key, event.details) == ("10000000000000000000", None)


def test_an_incomplete_record_leaves_a_hint() -> None:
    body = json.loads(recorded.EVENT_ADDED) | {"registrationDate": None}
    event = read_event(json.dumps(body).encode())
    assert (event.registrant_key, event.details) == ("9223372036854775809", None)


@pytest.mark.rule(10)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("phone", {}),
        ("jobTitle", ["x"]),
        ("joinUrl", 1.5),
        ("responses", [None, 7]),
        ("status", []),
    ],
)
def test_an_invalid_field_affects_nothing_else_of_the_record(name: str, value: object) -> None:
    body = json.loads(recorded.EVENT_ADDED)
    whole = read_event(json.dumps(body).encode()).details
    odd = read_event(json.dumps(body | {name: value}).encode()).details
    assert whole is not None and odd is not None
    assert odd.registrant.email == whole.registrant.email
    expected = {
        key: text for key, text in whole.properties.items() if key not in ("phone", "job_title")
    }
    assert expected.items() <= odd.properties.items()


@given(st.binary(max_size=300))
def test_any_body_is_an_event_or_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        read_event(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@given(st.sampled_from(sorted(json.loads(recorded.EVENT_ADDED))), JSON)
def test_any_field_may_be_anything(name: str, value: object) -> None:
    body = json.loads(recorded.EVENT_ADDED) | {name: value}
    try:
        event = read_event(json.dumps(body).encode())
    except Malformed as error:
        assert str(value) not in str(error) or len(str(value)) < 8
    else:
        assert event.name in EVENTS and event.key and event.webinar_key


@given(st.binary(max_size=200))
def test_a_signature_is_of_the_raw_body(body: bytes) -> None:
    made = hmac.new(SECRET.encode(), body, hashlib.sha256).digest()
    in_hex, in_base64 = made.hex(), base64.b64encode(made).decode()
    for scheme in ("hex", "either"):
        assert is_signed(body, in_hex, SECRET, scheme)
        assert is_signed(body, f"sha256={in_hex}", SECRET, scheme)
    assert is_signed(body, in_base64, SECRET, "base64")
    assert not is_signed(body, in_base64, SECRET, "hex")
    assert not is_signed(body + b" ", in_hex, SECRET, "either")
    assert not is_signed(body, in_hex, SECRET + "x", "either")


@pytest.mark.parametrize("signature", ["", "sha256=", "é", "\udce9", "0" * 64])
def test_a_wrong_signature_is_invalid(signature: str) -> None:
    assert not is_signed(b"body", signature, SECRET, "either")


def test_setting_up_requests_what_the_contract_requires() -> None:
    calls, sent = client(
        (200, recorded.SECRET_KEY), (200, recorded.WEBHOOKS), (204, b""), (202, b""),
        (200, b"{}"), (200, recorded.SUBSCRIPTIONS), (204, b""), (202, b""),
    )  # fmt: skip
    assert calls.create_secret_key().value == SECRET
    created = calls.create_webhooks("https://here.example/x/", ["registrant.added"])
    assert created[1] == Webhook(
        "18446744073709551615",
        "webinar.changed",
        "https://webinars.example.com/connections/webhook/a/",
        False,
    )
    calls.activate_webhooks("https://here.example/x/", ["wh-1"])
    calls.delete_webhooks(["wh-1"])
    assert calls.webhooks() == []
    assert [item.active for item in calls.create_subscriptions(["wh-1"])] == [True, False]
    calls.activate_subscriptions([Subscription("us-1", "wh-1", False)])
    calls.delete_subscriptions(["us-1"])
    asked = [(item.method, (item.url or "").partition("v2")[2]) for item in sent.sent]
    assert asked == [
        ("POST", "/webhooks/secretkey"),
        ("POST", "/webhooks"),
        ("PUT", "/webhooks"),
        ("DELETE", "/webhooks"),
        ("GET", "/webhooks?product=g2w"),
        ("POST", "/userSubscriptions"),
        ("PUT", "/userSubscriptions"),
        ("DELETE", "/userSubscriptions"),
    ]
    bodies = [json.loads(item.body) if item.body else None for item in sent.sent]
    assert bodies[1] == [
        {
            "callbackUrl": "https://here.example/x/",
            "eventName": "registrant.added",
            "eventVersion": "1.0.0",
            "product": "g2w",
        }
    ]
    assert bodies[6] == [
        {"webhookKey": "wh-1", "userSubscriptionKey": "us-1", "userSubscriptionState": "ACTIVE"}
    ]


def test_no_error_and_no_repr_reveals_the_secret() -> None:
    calls, _ = client((200, json.dumps({"id": 1, "secret": SECRET}).encode()))
    with pytest.raises(ServerError) as caught:
        calls.create_secret_key()
    assert SECRET not in str(caught.value)
    calls, _ = client((200, recorded.SECRET_KEY))
    assert SECRET not in repr(calls.create_secret_key())


def revoked(*replies: tuple[int, bytes] | Exception) -> Canned:
    adapter, session = Canned(*replies), requests.Session()
    session.mount("https://", adapter)
    revoke(
        HOSTS,
        "id",
        "client-secret",
        "the-token",
        session=session,
        retry_policy=RetryPolicy(total=0),
    )
    return adapter


def test_revoking_sends_the_token_only_to_the_sign_in_server() -> None:
    (sent,) = revoked((200, b"")).sent
    assert sent.url == "https://auth.example/oauth/revoke"
    assert "token=the-token" in str(sent.body)
    assert sent.headers["Authorization"].startswith("Basic ")
    with pytest.raises(NotAllowed) as caught:
        revoked((401, b'{"error": "invalid_client"}'))
    assert "the-token" not in str(caught.value)
    with pytest.raises(Unreachable):
        revoked(requests.ConnectionError("https://auth.example/?token=the-token"))
