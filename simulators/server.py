"""Serve an ASGI app as a simulator does: print a ready line, stop on a signal, drop connections."""

from __future__ import annotations

import contextlib
import gc
import json
import signal
import socket
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Send

LAST_WORDS_SECONDS = 1


class Server(uvicorn.Server):
    """Uvicorn with a ready line, for which a signal is a normal end (exit 0)."""

    def __init__(self, config: uvicorn.Config, ready: dict[str, Any]) -> None:
        super().__init__(config)
        self.ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then print the ready line."""
        await super().startup(sockets)
        gc.collect()
        gc.freeze()  # simulated data is long-lived: garbage collection need not traverse it
        gc.set_threshold(50_000, 50, 50)
        print(json.dumps(self.ready), flush=True)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Like uvicorn's, but without raising the signal again after a clean stop."""
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


def serve(host: str, port: int, build: Callable[[str], tuple[ASGIApp, dict[str, Any]]]) -> None:
    """Serve until SIGTERM or SIGINT what `build` makes of the address: an app, the ready line.

    Raises OSError if the address is not available.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        name = f"[{host}]" if ":" in host else host
        app, ready = build(f"http://{name}:{listener.getsockname()[1]}")
        config = uvicorn.Config(
            app,
            log_level="critical",
            access_log=False,
            lifespan="on",
            timeout_graceful_shutdown=LAST_WORDS_SECONDS,
            timeout_keep_alive=75,
            server_header=False,
        )
        Server(config, ready).run(sockets=[listener])


async def drop_connection(receive: Receive, send: Send) -> None:
    """Reset the connection without an answer. Needs uvicorn, whose ``send`` belongs to an object
    that holds the transport; ASGI itself cannot drop a connection."""
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        raise RuntimeError("connections can be dropped only under uvicorn")
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass
