"""Run the simulator: build the portal, listen, print the ready line, stop on a signal."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from starlette.applications import Starlette

from simulators.server import serve
from simulators.state_file import load, save

from .clock import Clock
from .control import Control
from .gate import CONTROL, Gate
from .limits import Limits
from .options import Options
from .portal import Portal
from .storage import State, restore, state_of
from .tokens import Tokens
from .webhooks import Webhooks

SAVE_EVERY_SECONDS = 5.0


def build_app(options: Options) -> Gate:
    """Return the ASGI app: the API's paths, and behind them the control paths."""
    clock = Clock()
    control = Control(options)
    portal, tokens = Portal(clock), Tokens(clock)
    control.webhooks = Webhooks(portal, tokens)
    inner = Starlette(
        routes=control.routes(), lifespan=lambda app: _background(portal, control.webhooks, options)
    )
    gate = Gate(portal, tokens, Limits(clock, options.rate_limit), options, inner)
    control.gate = gate
    control.restart(options)
    if options.state and (state := load(Path(options.state), State)) is not None:
        portal.reset(options.seed, options.region, options.lag)
        restore(portal, state)
    return gate


@contextlib.asynccontextmanager
async def _background(portal: Portal, webhooks: Webhooks, options: Options) -> AsyncIterator[None]:
    """Post events, and save the portal if it has a state file, while the server runs."""
    tasks = [asyncio.create_task(webhooks.go_on())]
    if options.state:
        tasks.append(asyncio.create_task(_keep(portal, Path(options.state))))
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    if options.state:
        save(state_of(portal), Path(options.state))


async def _keep(portal: Portal, path: Path) -> None:
    """Save the portal after each change."""
    saved = None
    while True:
        if portal.changed_at != saved:
            saved = portal.changed_at
            save(state_of(portal), path)
        await asyncio.sleep(SAVE_EVERY_SECONDS)


def ready_line(gate: Gate, base: str) -> dict[str, Any]:
    """Return all that a client needs."""
    return {
        "ready": True,
        "api_url": base,
        "access_token": gate.tokens.first_token,
        "portal_id": gate.portal.id,
        "control_url": base + CONTROL,
    }


def run(options: Options) -> None:
    """Serve until SIGTERM or SIGINT. Raises OSError if the address is not available."""

    def build(base: str) -> tuple[Gate, dict[str, Any]]:
        gate = build_app(options)
        return gate, ready_line(gate, base)

    serve(options.host, options.port, build)
