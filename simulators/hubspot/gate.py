"""The stages of every call: counting, faults, delay, the token, limits, scopes; then its
endpoint."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from simulators.server import drop_connection

from . import errors
from .calls import Answer, Call
from .faults import Fault, Faults
from .limits import Limits
from .options import Options
from .portal import Portal
from .routes import Endpoint, Router
from .tokens import Credential, Tokens

CONTROL = "/_simulator"
JSON = "application/json;charset=utf-8"


class Gate:
    """An ASGI app that answers the API's paths and passes control calls to `control`."""

    def __init__(
        self, portal: Portal, tokens: Tokens, limits: Limits, options: Options, control: ASGIApp
    ) -> None:
        self.portal = portal
        self.tokens = tokens
        self.limits = limits
        self.control = control
        self.router = Router()
        self.reset(options)

    def reset(self, options: Options) -> None:
        """Reset calls and faults, and behave as in the options."""
        self.calls: list[dict[str, Any]] = []
        self.faults = Faults()
        self.latency = options.latency_ms / 1000

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        if scope["type"] != "http" or scope["path"].startswith(CONTROL + "/"):
            await self.control(scope, receive, send)
            return
        method: str = scope["method"]
        made = {"method": method, "path": scope["path"], "status": None}
        self.calls.append(made)
        fault = self.faults.take(method, scope["path"])
        body = await _whole(receive)
        if self.latency:
            await asyncio.sleep(self.latency)
        answer, headers = self._answer(scope, body, fault)
        if answer is None:
            await drop_connection(receive, send)
            return
        made["status"] = answer.status
        content = b"" if answer.body is None else msgspec.json.encode(answer.body)
        await Response(content, answer.status, headers, JSON)(scope, receive, send)

    def _answer(
        self, scope: Scope, body: bytes, fault: Fault | None
    ) -> tuple[Answer | None, Mapping[str, str]]:
        """Return the answer and its headers; no answer means that the connection is dropped."""
        headers: dict[str, str] = {}
        answer: Answer | None = None
        if fault is None or fault.after_effect:
            try:
                answer = self._carried_out(scope, body, headers)
            except errors.Refusal as refusal:
                answer = Answer(refusal.status, refusal.body)
                headers |= refusal.headers
        if fault is None:
            return answer, headers
        if fault.status is None:
            return None, headers
        refused = fault.refusal()
        return Answer(refused.status, refused.body), headers | refused.headers

    def _carried_out(self, scope: Scope, body: bytes, headers: dict[str, str]) -> Answer:
        """Execute a call. Raises Refusal; `headers` are those of the limits."""
        raw_path = scope["raw_path"].decode("ascii").partition("?")[0]
        endpoint, path = self.router.find(scope["method"], raw_path)
        sent = dict(scope["headers"])
        credential = self.tokens.oauth
        if not endpoint.public:
            header = sent.get(b"authorization", b"").decode("latin-1")
            credential = self.tokens.credential(header)
            headers |= self.limits.take(credential, search=endpoint.search)
            self.tokens.require(credential, endpoint.scopes)
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        call = self._call(endpoint, credential, path, query, body)
        try:
            return endpoint.handler(call)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            # A body of another shape. The text is ours: HubSpot's differs from path to path.
            reason = f"Invalid input JSON: {type(error).__name__}: {error}"
            raise errors.invalid(reason) from error

    def _call(
        self,
        endpoint: Endpoint,
        credential: Credential,
        path: dict[str, str],
        query: dict[str, str],
        body: bytes,
    ) -> Call:
        form: dict[str, str] = {}
        content: Any = None
        if endpoint.public:
            form = dict(parse_qsl(body.decode("utf-8", "replace")))
        elif body:
            try:
                content = json.loads(body)
            except ValueError as error:
                raise errors.invalid("Invalid input JSON on line 1, column 1") from error
        return Call(self.portal, self.tokens, credential, path, query, content, form)


async def _whole(receive: Receive) -> bytes:
    """Return a call's complete body."""
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)
