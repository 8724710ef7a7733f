"""Requests to a connection's URL: accepted once, or only counted."""

import datetime as dt
import json
from typing import Any

import pytest
from django.utils import timezone

from platforms.models import WebhookEvent, WebhookSetup
from platforms.webhooks.receive import LARGEST
from simulators.gotowebinar.process import SimulatorProcess
from tests.factories import connection_in
from tests.fixtures.webhooks import Hook, added, event
from webinars.models import Registration, Webinar

pytestmark = pytest.mark.django_db(transaction=True)


def test_gotos_check_of_the_url_is_answered(hook: Hook) -> None:
    assert hook.http.get(hook.setup.get_address()).status_code == 200
    assert hook.http.head(hook.setup.get_address()).status_code == 200
    assert hook.http.get("/connections/webhook/guessed/").status_code == 404
    assert hook.http.put(hook.setup.get_address()).status_code == 405


def test_an_address_is_long_and_shows_nothing(hook: Hook) -> None:
    assert len(hook.setup.path) >= 32
    assert hook.setup.connection.organizer_key not in hook.setup.get_address()


@pytest.mark.parametrize(
    ("scheme", "signed", "status"),
    [
        ("either", "hex", 200),
        ("either", "base64", 200),
        ("hex", "hex", 200),
        ("hex", "base64", 403),
        ("base64", "base64", 200),
        ("either", "wrong", 403),
        ("none", "wrong", 200),
        ("either", None, 200),
    ],
)
def test_signatures(
    hook: Hook, synced: Webinar, settings: Any, scheme: str, signed: str | None, status: int
) -> None:
    settings.GOTO_WEBHOOK_SIGNATURE = scheme
    assert hook.post(event("webinar.changed", synced), signed=signed) == status
    assert hook.waiting() == (1 if status == 200 else 0)


def test_once_signatures_are_seen_nothing_unsigned_is_accepted(hook: Hook, synced: Webinar) -> None:
    assert hook.post(event("webinar.changed", synced), signed=None) == 200
    assert hook.post(event("webinar.changed", synced)) == 200
    assert hook.post(event("webinar.changed", synced), signed=None) == 403
    assert hook.counts() == {"taken": 2, "verified": 1, "forged": 1}


def test_the_header_has_the_name_in_the_settings(
    hook: Hook, synced: Webinar, settings: Any
) -> None:
    settings.GOTO_WEBHOOK_SIGNATURE_HEADER = "X-Goto-Signature"
    # Under its usual name it is ignored: an event without a signature, a hint.
    assert hook.post(event("webinar.changed", synced), signed="wrong") == 200
    assert hook.counts() == {"taken": 1}


def test_forged_replayed_oversized_and_malformed_ones_change_nothing_and_are_counted(
    hook: Hook, synced: Webinar, simulator: SimulatorProcess
) -> None:
    good = event("webinar.changed", synced)
    assert hook.post(good) == 200
    hook.work()
    before = list(Registration.objects.order_by("pk").values())
    simulator.reset_calls()

    forged = added(simulator, synced, "forged@example.com")
    assert hook.post(forged, signed="wrong") == 403
    assert hook.post(good) == 200
    assert hook.post(b"{" * (LARGEST + 1)) == 413
    for wrong in (b"", b"no json", b"[]", b"[" * 5000, json.dumps({"eventName": "x"}).encode()):
        assert hook.post(wrong) == 400
    for change in (
        {"eventName": "registrant.dropped"},
        {"eventKey": ""},
        {"eventKey": "k" * 500},
        {"timestamp": "yesterday"},
        {"timestamp": None},
        {"webinarKey": None},
        {"webinarKey": "1\0"},
        {"registrantKey": {"a": 1}},
    ):
        assert hook.post(added(simulator, synced, "wrong@example.com") | change) == 400
    assert hook.work() == 0
    assert hook.counts() == {
        "taken": 1, "verified": 2, "repeated": 1, "forged": 1, "malformed": 13, "oversized": 1,
    }  # fmt: skip
    assert list(Registration.objects.order_by("pk").values()) == before
    assert simulator.calls()["total"] == 0


def test_out_of_order_and_long_past_events_report_nothing(hook: Hook, synced: Webinar) -> None:
    now = timezone.now()
    assert hook.post(event("webinar.changed", synced, timestamp=now.isoformat())) == 200
    earlier = (now - dt.timedelta(minutes=1)).isoformat()
    assert hook.post(event("webinar.changed", synced, timestamp=earlier)) == 200
    long_past = int((now - dt.timedelta(days=2)).timestamp() * 1000)
    gone = event("registrant.joined", synced, registrantKey="7", timestamp=long_past)
    assert hook.post(gone) == 200
    assert hook.counts() == {"taken": 1, "late": 2, "verified": 3}
    assert hook.waiting() == 1


def test_an_event_is_stored_before_it_is_answered(hook: Hook, synced: Webinar) -> None:
    body = event("registrant.joined", synced, registrantKey=5212984837261847532)
    assert hook.post(body) == 200
    row = WebhookEvent.objects.get()
    assert (row.event_key, row.registrant_key) == (body["eventKey"], "5212984837261847532")
    assert row.done_at is None


@pytest.mark.parametrize("why", ["off", "disconnected"])
def test_nothing_is_accepted_where_webhooks_are_off(hook: Hook, synced: Webinar, why: str) -> None:
    if why == "off":
        WebhookSetup.objects.update(state=WebhookSetup.State.OFF, on_since=None)
    else:
        type(hook.setup.connection).objects.update(**connection_in("disconnected"))
    assert hook.post(event("webinar.changed", synced)) == 404
    assert not WebhookEvent.objects.exists()
