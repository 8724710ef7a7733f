"""Run the simulator: build the portal, listen, say that it is ready, stop on a signal."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from starlette.applications import Starlette

from simulators.server import serve

from .clock import Clock
from .control import Control
from .gate import CONTROL, Gate
from .limits import Limits
from .options import Options
from .portal import Portal
from .tokens import Tokens
from .webhooks import Webhooks


def build_app(options: Options) -> Gate:
    """Return the whole ASGI app: the API's paths, and behind them the control paths."""
    clock = Clock()
    control = Control(options)
    portal, tokens = Portal(clock), Tokens(clock)
    control.webhooks = Webhooks(portal, tokens)
    inner = Starlette(routes=control.routes(), lifespan=lambda app: _background(control.webhooks))
    gate = Gate(portal, tokens, Limits(clock, options.rate_limit), options, inner)
    control.gate = gate
    control.restart(options)
    return gate


@contextlib.asynccontextmanager
async def _background(webhooks: Webhooks) -> AsyncIterator[None]:
    """Post events while the server runs."""
    task = asyncio.create_task(webhooks.go_on())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def ready_line(gate: Gate, base: str) -> dict[str, Any]:
    """Return all that a client needs to know."""
    return {
        "ready": True,
        "api_url": base,
        "access_token": gate.tokens.first_token,
        "portal_id": gate.portal.id,
        "control_url": base + CONTROL,
    }


def run(options: Options) -> None:
    """Serve until SIGTERM or SIGINT. Raises OSError when the address cannot be had."""

    def build(base: str) -> tuple[Gate, dict[str, Any]]:
        gate = build_app(options)
        return gate, ready_line(gate, base)

    serve(options.host, options.port, build)
