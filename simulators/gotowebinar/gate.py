"""The stages of every call before it is answered: counting, faults, delay, rate, the token."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from . import errors
from .api import V2
from .calls import Calls, RateLimit
from .faults import Faults, answer_oddly, lose_answer, misbehave
from .options import Options
from .tokens import SCOPE, Tokens
from .web import answer

CONTROL = "/_simulator"
Doer = Callable[[Mapping[str, Any]], Awaitable[object]]


class Gate:
    """An ASGI app around the paths. Control calls pass unchanged and uncounted."""

    def __init__(self, app: ASGIApp, options: Options, tokens: Tokens) -> None:
        self.app = app
        self.options = options
        self.tokens = tokens
        self.do: Doer | None = None
        self.reset()

    def reset(self) -> None:
        """Reset the counters and behave as in the options."""
        self.calls = Calls()
        self.faults = Faults()
        self.rate = RateLimit(self.options.rate_limit)
        self.latency = self.options.latency_ms / 1000
        # Paths that answer 401 to every token, as one of the two that identify the user did.
        self.switched_off: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Accept a call, or answer it here."""
        path: str = scope.get("path", "")
        if scope["type"] != "http" or path.startswith(CONTROL + "/"):
            await self.app(scope, receive, send)
            return
        method: str = scope["method"]
        self.calls.add(method, path)
        fault = self.faults.take(method, path)
        if self.latency:
            await asyncio.sleep(self.latency)
        if fault is not None and fault.kind not in ("do", "lost", "odd"):
            self.calls.by_status[fault.kind if fault.kind != "status" else str(fault.status)] += 1
            await misbehave(fault, scope, receive, send)
            return
        if fault is not None and fault.kind == "do" and self.do is not None:
            await self.do(fault.do)
        refusal = self._refusal(scope, path)
        counted = self._counting(send)
        if refusal is None and fault is not None and fault.kind == "lost":
            self.calls.by_status["lost"] += 1
            await lose_answer(self.app, scope, receive, send)
        elif refusal is None and fault is not None and fault.kind == "odd":
            await answer_oddly(fault, self.app, scope, receive, counted)
        elif refusal is None:
            await self.app(scope, receive, counted)
        else:
            await answer(refusal.body, refusal.status)(scope, receive, counted)

    def _refusal(self, scope: Scope, path: str) -> errors.Refusal | None:
        """Return why a call is refused: rate limited, or without a valid token. Sign-in needs
        neither."""
        if path.startswith("/oauth/"):
            return None
        if not self.rate.allows():
            return errors.too_many_calls()
        header = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
        user = self.tokens.user_of(header)
        if user is None:
            return errors.invalid_token()
        if path in self.switched_off:
            return errors.not_authenticated()
        if path.startswith(V2) and self.tokens.scope != SCOPE:
            return errors.forbidden("The token lacks the scope collab:")
        if path.startswith(V2) and not user.has_webinar:
            return errors.forbidden("User does not have a GoToWebinar licence")
        scope.setdefault("state", {})["user_key"] = user.key
        return None

    def _counting(self, send: Send) -> Send:
        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.calls.by_status[str(message["status"])] += 1
            await send(message)

        return counted
