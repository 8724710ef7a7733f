"""Run the simulator: build the app, listen, say that it is ready, stop on a signal."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from . import storage, webhooks
from .api import routes
from .authorizing import Codes, authorize
from .control import Control
from .delivery import Delivery
from .errors import Refusal, unknown_path
from .gate import CONTROL, Gate
from .goto import GoTo
from .life import Life
from .options import Options
from .seed import seeded
from .signin import ADMIN, IDENTITY, admin_me, identity_me, revoke, token
from .tokens import Tokens
from .web import answer

SAVE_EVERY = 5.0
LAST_WORDS = 1


def build_goto(options: Options) -> GoTo:
    """The account: the one kept in the state file, else a new one from the seed."""
    now, offset = options.clock()
    account = storage.load(Path(options.state)) if options.state else None
    if account is None:
        account = seeded(options.seed, now, options.webinars, options.registrants)
    return GoTo(account, offset)


def build_app(goto: GoTo, options: Options) -> Gate:
    """The whole ASGI app: the gate, and behind it the API, sign-in and control paths."""
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
    """The life of the demo, the saving of the account and the posting of events, while the server
    runs."""
    tasks = [asyncio.create_task(delivery.go_on())]
    if options.live:
        tasks.append(asyncio.create_task(Life(goto).go_on(options.live_seconds)))
    if options.state:
        storage.save(goto.account, Path(options.state))
        tasks.append(asyncio.create_task(_keep(goto, Path(options.state))))
    yield
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, Exception):
            print(f"simulator: {result!r}", file=sys.stderr)
    if options.state:
        storage.save(goto.account, Path(options.state))


async def _keep(goto: GoTo, path: Path) -> None:
    saved = goto.revision
    while True:
        await asyncio.sleep(SAVE_EVERY)
        if goto.revision != saved:
            saved = goto.revision
            storage.save(goto.account, path)


class Server(uvicorn.Server):
    """Uvicorn that says when it is ready, and for which a signal is a normal end (exit 0)."""

    def __init__(self, config: uvicorn.Config, ready: dict[str, Any]) -> None:
        super().__init__(config)
        self.ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then print the ready line."""
        await super().startup(sockets)
        gc.collect()
        gc.freeze()  # the account is long-lived: collections need not walk it
        gc.set_threshold(50_000, 50, 50)
        print(json.dumps(self.ready), flush=True)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn's, but without raising the signal again after a clean stop."""
        signals = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self._stop) for number in signals}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.force_exit = self.should_exit and number == signal.SIGINT
        self.should_exit = True


def ready_line(goto: GoTo, options: Options, port: int) -> dict[str, Any]:
    """All that a client needs to know; keys are strings."""
    host = f"[{options.host}]" if ":" in options.host else options.host
    base = f"http://{host}:{port}"
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
    """Serve until SIGTERM or SIGINT. Raises OSError when the address cannot be had."""
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((options.host, options.port))
        goto = build_goto(options)
        config = uvicorn.Config(
            build_app(goto, options),
            log_level="critical",
            access_log=False,
            lifespan="on",
            timeout_graceful_shutdown=LAST_WORDS,
            timeout_keep_alive=75,
            server_header=False,
        )
        ready = ready_line(goto, options, listener.getsockname()[1])
        Server(config, ready).run(sockets=[listener])
