"""Deliver events to webhooks: signed, once, without guaranteed order, and with the requested
faults."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import random
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from .goto import GoTo
from .shapes import encode

VERSION, PRODUCT = "1.0.0", "g2w"
SIGNATURE = "X-Webhook-Signature"
PATIENCE = 10.0
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(slots=True)
class Misbehaviour:
    """The faults of delivery: how many events are duplicated, reversed, lost, wrongly signed or
    late."""

    duplicate: int = 0
    reorder: bool = False
    lose: float = 0.0
    forge: bool = False
    delay_ms: float = 0.0


@dataclass(slots=True)
class Counts:
    """The results of events since the start."""

    delivered: int = 0
    failed: int = 0
    lost: int = 0
    last_status: int | None = None
    statuses: dict[str, int] = field(default_factory=dict)

    def add(self, status: int | None) -> None:
        """Count a delivery by its status, None for no answer."""
        good = status is not None and 200 <= status < 300
        self.delivered += good
        self.failed += not good
        self.last_status = status
        named = str(status)
        self.statuses[named] = self.statuses.get(named, 0) + 1


class Delivery:
    """Delivers the account's events to all subscribers, from its own task."""

    def __init__(self, goto: GoTo, signature: str) -> None:
        self.goto = goto
        self.signature = signature
        self._waiting: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()
        goto.listeners.append(self._happened)
        self.reset()

    def reset(self) -> None:
        """Drop pending events, reset the counters and end all faults."""
        self.wrong = Misbehaviour()
        self.counts = Counts()
        self._chance = random.Random(f"webhooks/{self.goto.account.seed}")
        while not self._waiting.empty():
            self._waiting.get_nowait()
            self._waiting.task_done()

    def misbehave(self, body: Mapping[str, Any]) -> object:
        """``{duplicate?, reorder?, lose?, forge?, delay_ms?}``; omitted ones are normal."""
        self.wrong = Misbehaviour(
            int(body.get("duplicate", 0)),
            bool(body.get("reorder", False)),
            float(body.get("lose", 0)),
            bool(body.get("forge", False)),
            float(body.get("delay_ms", 0)),
        )
        return {"reorder": self.wrong.reorder, "lose": self.wrong.lose}

    def _happened(self, user_key: int, event: str, carries: dict[str, Any]) -> None:
        for url in self._listening(user_key, event):
            if self._chance.random() < self.wrong.lose:
                self.counts.lost += 1
                continue
            event_body = {
                "eventName": event,
                "eventVersion": VERSION,
                "product": PRODUCT,
                "eventKey": str(uuid.uuid4()),
                "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds")[:-6] + "Z",
            }
            body = encode(event_body | carries)
            for _ in range(1 + self.wrong.duplicate):
                self._waiting.put_nowait((url, body))

    def _listening(self, user_key: int, event: str) -> list[str]:
        """Return where a user's event is sent: webhook and subscription must both be ACTIVE."""
        account = self.goto.account
        active = {one.webhook_key for one in account.subscriptions if one.state == "ACTIVE"}
        return [
            webhook.callback_url
            for webhook in account.webhooks
            if (webhook.user_key, webhook.event, webhook.state) == (user_key, event, "ACTIVE")
            and webhook.key in active
        ]

    async def go_on(self) -> None:
        """Deliver pending events, until cancelled."""
        while True:
            batch = [await self._waiting.get()]
            account, counts = self.goto.account, self.counts
            if self.wrong.delay_ms:
                await asyncio.sleep(self.wrong.delay_ms / 1000)
            while not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            for url, body in reversed(batch) if self.wrong.reorder else batch:
                # The rest of a batch is not delivered once its account has been replaced.
                if self.goto.account is account:
                    status = await asyncio.to_thread(post, url, body, self._sign(body))
                    counts.add(status)
                self._waiting.task_done()

    def _sign(self, body: bytes) -> str | None:
        keys = self.goto.account.secret_keys
        if self.signature == "none" or not keys:
            return None
        secret = "forged" if self.wrong.forge else keys[-1].value
        made = hmac.new(secret.encode(), body, hashlib.sha256).digest()
        return made.hex() if self.signature == "hex" else base64.b64encode(made).decode()

    async def flushed(self) -> None:
        """Return when no delivery is pending. For tests; GoTo has no such guarantee."""
        await self._waiting.join()

    def summary(self) -> dict[str, Any]:
        """Return webhooks, subscriptions, and the results of events."""
        account, counts = self.goto.account, self.counts
        return {
            "webhooks": account.webhooks,
            "subscriptions": account.subscriptions,
            "delivered": counts.delivered,
            "failed": counts.failed,
            "lost": counts.lost,
            "waiting": self._waiting.qsize(),
            "last_status": counts.last_status,
            "statuses": counts.statuses,
        }


def post(url: str, body: bytes, signature: str | None) -> int | None:
    """Deliver an event once; return the status, None for no answer. GoTo does not guarantee
    retries."""
    headers = {"Content-Type": "application/json"}
    if signature is not None:
        headers[SIGNATURE] = signature
    return _status(urllib.request.Request(url, body, headers, method="POST"))


def answers(url: str) -> bool:
    """Return whether a GET of ``url`` is answered 200, as GoTo requires of a callback URL."""
    return _status(urllib.request.Request(url, method="GET")) == 200


def _status(request: urllib.request.Request) -> int | None:
    try:
        with _direct.open(request, timeout=PATIENCE) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except (OSError, ValueError):
        return None
