"""Faults on demand: which of the next calls fail, and how."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simulators.server import drop_connection

from .oddities import odd
from .shapes import encode

KINDS = ("status", "drop", "cut", "garbage", "html", "empty", "timeout", "lost", "odd", "do")
GARBAGE = b'{"data": [\xff\xfe not json at all'
HTML = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


@dataclass
class Fault:
    """The fault of calls whose method and path match, ``after`` this many successful ones.

    ``lost`` executes the call and drops the connection instead of answering; ``odd`` answers with
    one defect, chosen by ``seed``. ``do`` is a control call, ``{"path", "body"}``, made just before
    a call is answered as usual.
    """

    kind: str
    count: int = 1
    after: int = 0
    status: int = 500
    body: object = None
    path: re.Pattern[str] = field(default_factory=lambda: re.compile(""))
    method: str = ""
    retry_after: str = ""
    seconds: float = 30.0
    do: Mapping[str, Any] = field(default_factory=dict)
    chance: random.Random = field(default_factory=random.Random)

    def fits(self, method: str, path: str) -> bool:
        """Return whether this applies to such a call."""
        return self.method in ("", method) and self.path.search(path) is not None


def read_fault(body: Mapping[str, Any]) -> Fault:
    """Return a fault from a control call's body. Raises ValueError with the reason."""
    kind = body.get("kind", "status")
    if kind not in KINDS:
        raise ValueError(f"kind is one of {', '.join(KINDS)}")
    default_status = {"html": 502, "garbage": 200, "empty": 403}.get(kind, 500)
    try:
        return Fault(
            kind=kind,
            count=int(body.get("count", 1)),
            after=int(body.get("after", 0)),
            status=int(body.get("status", default_status)),
            body=body.get("body"),
            path=re.compile(str(body.get("path", ""))),
            method=str(body.get("method", "")).upper(),
            retry_after=str(body.get("retry_after", "")),
            seconds=float(body.get("seconds", 30)),
            do=dict(body.get("do", {})),
            chance=random.Random(str(body.get("seed", 0))),
        )
    except (TypeError, ValueError, re.error) as error:
        raise ValueError(f"not a fault: {error}") from error


class Faults:
    """The pending faults."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []

    def take(self, method: str, path: str) -> Fault | None:
        """Return and use up the fault for this call; None if the call succeeds."""
        for fault in self.waiting:
            if not fault.fits(method, path):
                continue
            if fault.after > 0:
                fault.after -= 1
                continue
            fault.count -= 1
            if fault.count <= 0:
                self.waiting.remove(fault)
            return fault
        return None


async def misbehave(fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a call with this fault."""
    if fault.kind == "drop":
        await drop_connection(receive, send)
    elif fault.kind == "cut":
        await _cut_short(receive, send)
    else:
        if fault.kind == "timeout":
            await asyncio.sleep(fault.seconds)
        await _bad_answer(fault)(scope, receive, send)


def _bad_answer(fault: Fault) -> Response:
    headers = {"Retry-After": fault.retry_after} if fault.retry_after else None
    if fault.kind == "garbage":
        return Response(GARBAGE, fault.status, headers, "application/json")
    if fault.kind == "html":
        return Response(HTML, fault.status, headers, "text/html")
    if fault.kind == "empty":
        return Response(b"", fault.status, headers)
    if isinstance(fault.body, str):
        return Response(fault.body, fault.status, headers, "text/plain")
    body = fault.body
    if body is None:
        body = {"errorCode": "Simulated", "description": "Asked to fail", "incident": "1"}
    return Response(encode(body), fault.status, headers, "application/json")


async def lose_answer(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Execute the call in ``app``, and reset the connection instead of answering."""

    async def unheard(message: Message) -> None:
        pass

    await app(scope, receive, unheard)
    await drop_connection(receive, send)


async def answer_oddly(
    fault: Fault, app: ASGIApp, scope: Scope, receive: Receive, send: Send
) -> None:
    """Execute the call in ``app``, and answer with one defect."""
    start: Message = {}
    body = b""

    async def send_once(message: Message) -> None:
        nonlocal start, body
        if message["type"] == "http.response.start":
            start = message
        else:
            body += message.get("body", b"")

    await app(scope, receive, send_once)
    await Response(odd(body, fault.chance), start["status"], None, "application/json")(
        scope, receive, send
    )


async def _cut_short(receive: Receive, send: Send) -> None:
    """Begin a valid answer, then drop the connection in the middle of it."""
    start: Message = {
        "type": "http.response.start",
        "status": 200,
        "headers": [(b"content-type", b"application/json"), (b"content-length", b"100000")],
    }
    await send(start)
    await send({"type": "http.response.body", "body": b'{"data":[{"lastName":', "more_body": True})
    await asyncio.sleep(0.05)  # send what was written before the reset
    await drop_connection(receive, send)
