"""Events about contacts, posted to the one address of an app: signed, and retried after
failures."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from .portal import Portal
from .tokens import CLIENT_SECRET, Tokens

PATIENCE_SECONDS = 5.0  # documented
# Ten retries within 24 hours (documented); the exact times are not.
AGAIN_AFTER_SECONDS = (60, 300, 900, 1800, 3600, 7200, 10800, 14400, 18000, 21600)
POLL_SECONDS = 0.1
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass
class Notification:
    """A pending event; `due` in milliseconds of the portal's clock."""

    body: str
    due: int
    attempts: int = 0


class Webhooks:
    """Posts changes of contacts, if an address is set. Service keys cannot have one."""

    def __init__(self, portal: Portal, tokens: Tokens) -> None:
        self.portal = portal
        self.tokens = tokens
        self._turn = asyncio.Lock()
        portal.listeners.append(self._happened)
        self.reset()

    def reset(self) -> None:
        """Remove the address, and drop pending events."""
        self.url = ""
        self.waiting: list[Notification] = []
        self.delivered = self.given_up = self._number = 0

    def _happened(self, name: str, carries: dict[str, Any]) -> None:
        if not self.url:
            return
        self._number += 1
        event = {
            "eventId": self._number,
            "portalId": self.portal.id,
            "appId": self.tokens.oauth.app_id,
            "subscriptionType": name,
            "attemptNumber": 0,
            **carries,
        }
        self.waiting.append(Notification(json.dumps([event]), self.portal.clock.now()))

    async def go_on(self) -> None:
        """Post due events, until cancelled."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            await self.post_due()

    async def post_due(self) -> None:
        """Post due events by the portal's clock, in order."""
        async with self._turn:
            now, url = self.portal.clock.now(), self.url
            for each in [one for one in self.waiting if one.due <= now]:
                status = await asyncio.to_thread(post, url, each.body, now)
                if each not in self.waiting:
                    continue
                if status is not None and status < 400:
                    self.delivered += 1
                    self.waiting.remove(each)
                elif each.attempts == len(AGAIN_AFTER_SECONDS):
                    self.given_up += 1
                    self.waiting.remove(each)
                else:
                    each.due = now + AGAIN_AFTER_SECONDS[each.attempts] * 1000
                    each.attempts += 1

    def summary(self) -> dict[str, object]:
        """Return the address, the signing secret, and the results of events."""
        return {
            "url": self.url,
            "secret": CLIENT_SECRET,
            "waiting": len(self.waiting),
            "delivered": self.delivered,
            "given_up": self.given_up,
        }


def signature(url: str, body: str, timestamp: int) -> str:
    """Return the v3 signature: method, address, body and milliseconds, in base64 (seen)."""
    signed = f"POST{url}{body}{timestamp}".encode()
    return base64.b64encode(
        hmac.new(CLIENT_SECRET.encode(), signed, hashlib.sha256).digest()
    ).decode()


def post(url: str, body: str, timestamp: int) -> int | None:
    """Post an event; return the status, None for no answer in time."""
    headers = {
        "Content-Type": "application/json",
        "X-HubSpot-Signature-v3": signature(url, body, timestamp),
        "X-HubSpot-Request-Timestamp": str(timestamp),
    }
    request = urllib.request.Request(url, body.encode(), headers, method="POST")
    try:
        with _direct.open(request, timeout=PATIENCE_SECONDS) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except (OSError, ValueError):
        return None
