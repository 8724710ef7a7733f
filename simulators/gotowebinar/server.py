"""Run the simulator: build the app, listen, print the ready line, stop on a signal."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.server import serve
from simulators.state_file import load, save

from . import webhooks
from .api import routes
from .authorization import Codes, authorize
from .control import Control
from .delivery import Delivery
from .errors import Refusal, unknown_path
from .gate import CONTROL, Gate
from .goto import GoTo
from .life import Life
from .oauth import ADMIN, IDENTITY, admin_me, identity_me, revoke, token
from .options import Options
from .records import Account
from .seed import seeded
from .tokens import Tokens
from .web import answer

SAVE_EVERY = 5.0


def build_goto(options: Options) -> GoTo:
    """Return the account from the state file, or a new one from the seed."""
    now, offset = options.clock()
    account = load(Path(options.state), Account) if options.state else None
    if account is None:
        account = seeded(options.seed, now, options.webinars, options.registrants)
    return GoTo(account, offset)


def build_app(goto: GoTo, options: Options) -> Gate:
    """Return the ASGI app: the gate, and behind it the API, sign-in and control paths."""
    tokens, delivery = Tokens(goto, options), Delivery(goto, options.webhook_signature)
    codes = Codes()
    inner = Starlette(
        exception_handlers={Refusal: _refused, 404: _unknown, 405: _unknown},
        lifespan=lambda app: _background(goto, options, delivery),
    )
    inner.router.redirect_slashes = False
    inner.state.goto, inner.state.tokens, inner.state.codes = goto, tokens, codes
    gate = Gate(inner, options, tokens)
    control = Control(goto, tokens, gate, delivery, codes, options)
    gate.do = control.do
    inner.router.routes += [
        *routes(),
        *webhooks.routes(),
        Route("/oauth/authorize", authorize, methods=["GET", "POST"]),
        Route("/oauth/token", token, methods=["POST"]),
        Route("/oauth/revoke", revoke, methods=["POST"]),
        Route(IDENTITY, identity_me, methods=["GET"]),
        Route(ADMIN, admin_me, methods=["GET"]),
        *control.routes(),
    ]
    return gate


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return answer(error.body, error.status)


async def _unknown(request: Request, error: Exception) -> Response:
    refusal = unknown_path(request.url.path)
    return answer(refusal.body, refusal.status)


@contextlib.asynccontextmanager
async def _background(goto: GoTo, options: Options, delivery: Delivery) -> AsyncIterator[None]:
    """Run the demo's activity, the saving of the account and the delivery of events, while the
    server runs."""
    tasks = [asyncio.create_task(delivery.go_on())]
    if options.live:
        tasks.append(asyncio.create_task(Life(goto).go_on(options.live_seconds)))
    if options.state:
        save(goto.account, Path(options.state))
        tasks.append(asyncio.create_task(_keep(goto, Path(options.state))))
    yield
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, Exception):
            print(f"simulator: {result!r}", file=sys.stderr)
    if options.state:
        save(goto.account, Path(options.state))


async def _keep(goto: GoTo, path: Path) -> None:
    saved = goto.revision
    while True:
        await asyncio.sleep(SAVE_EVERY)
        if goto.revision != saved:
            saved = goto.revision
            save(goto.account, path)


def ready_line(goto: GoTo, options: Options, base: str) -> dict[str, Any]:
    """All that a client needs; keys are strings."""
    return {
        "ready": True,
        "api_url": base,
        "auth_url": base,
        "client_id": options.client_id,
        "client_secret": options.client_secret,
        "refresh_token": options.refresh_token,
        "organizer_key": str(goto.account.first.key),
        "account_key": str(goto.account.first.account_key),
        "control_url": base + CONTROL,
    }


def run(options: Options) -> None:
    """Serve until SIGTERM or SIGINT. Raises OSError if the address is not available."""

    def build(base: str) -> tuple[Gate, dict[str, Any]]:
        goto = build_goto(options)
        return build_app(goto, options), ready_line(goto, options, base)

    serve(options.host, options.port, build)
