"""A connection that GoTo tells of changes, and events as GoTo posts them."""

import base64
import datetime as dt
import hashlib
import hmac
import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.sync import conftest as syncing
from webinars.models import Connection, WebhookEvent, WebhookSecret, WebhookSetup, Webinar
from webinars.simulator.process import SimulatorProcess
from webinars.sync.webhooks import working

simulator, connection, webinar = syncing.simulator, syncing.connection, syncing.webinar
SECRET = "what-GoTo-signs-with"


@dataclass(slots=True)
class Hook:
    """The address of a connection, as GoTo sees it."""

    setup: WebhookSetup
    http: Client = field(default_factory=Client)

    def post(self, event: dict[str, Any] | bytes, *, signed: object = "hex") -> int:
        """Post an event and return the status; `signed` is hex, base64, wrong or None."""
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        made = hmac.new(SECRET.encode(), body, hashlib.sha256).digest()
        signature = {
            "hex": made.hex(),
            "base64": base64.b64encode(made).decode(),
            "wrong": hmac.new(b"another", body, hashlib.sha256).hexdigest(),
        }.get(str(signed))
        headers = {"X-Webhook-Signature": signature} if signature else {}
        answer = self.http.post(
            self.setup.get_address(), body, content_type="application/json", headers=headers
        )
        return answer.status_code

    def counts(self) -> dict[str, int]:
        """Return the counters that are not 0."""
        self.setup.refresh_from_db()
        names = ("taken", "verified", "repeated", "late", "forged", "malformed", "oversized")
        return {name: value for name in names if (value := getattr(self.setup, name))}

    def work(self) -> int:
        """Do what a worker does."""
        return working.work(self.setup.connection, sleep=lambda seconds: None)

    def waiting(self) -> int:
        return WebhookEvent.objects.filter(done_at__isnull=True).count()


@pytest.fixture
def hook(connection: Connection, settings: Any) -> Iterator[Hook]:
    WebhookSecret.objects.create(client_id=settings.GOTO_CLIENT_ID, value=SECRET)
    yield Hook(WebhookSetup.objects.create(connection=connection, state=WebhookSetup.State.ON))


@pytest.fixture
def synced(webinar: Callable[[str], Webinar]) -> Webinar:
    """A webinar to come that is level and stays so."""
    chosen = webinar("required")
    Webinar.objects.filter(pk=chosen.pk).update(sync_enabled=True)
    chosen.refresh_from_db()
    syncing.level(chosen)
    return chosen


def event(name: str, webinar: Webinar, **more: Any) -> dict[str, Any]:
    return {
        "eventName": name,
        "eventVersion": "1.0.0",
        "product": "g2w",
        "eventKey": str(uuid.uuid4()),
        "timestamp": timezone.now().isoformat(),
        "webinarKey": webinar.key,
    } | more


def added(simulator: SimulatorProcess, webinar: Webinar, email: str, **more: Any) -> dict[str, Any]:
    """Register somebody on GoToWebinar and return the event that tells of it."""
    person = simulator.control(
        "POST",
        "register",
        {"webinar": webinar.key, "email": email, "firstName": "Ida", "lastName": "Rhodes"},
    )
    return event(
        "registrant.added",
        webinar,
        registrantKey=int(person["registrantKey"]),
        email=email,
        firstName="Ida",
        lastName="Rhodes",
        status="APPROVED",
        registrationDate=dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        joinUrl="https://attendee.gotowebinar.example/join/1",
        organization="From the event",
        Industry="Computing",
        registrationSource="a newsletter",
        responses=[{"questionText": "Why?", "questionType": "short", "answerText": ["Because"]}],
        **more,
    )
