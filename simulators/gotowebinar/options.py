"""The simulator's command-line options, shared by the Django command and ``__main__``."""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from simulators.arguments import CommandLine, amount, count, port

MOST_REGISTRANTS = 100_000


@dataclass(frozen=True)
class Options(CommandLine):
    """The options of a simulator; every field is also an option on the command line."""

    host: str = "127.0.0.1"
    port: int = 8010
    seed: int = 1
    now: str = ""
    webinars: int = 12
    registrants: int = 300
    rate_limit: int = 10
    latency_ms: float = 0.0
    live: bool = False
    live_seconds: float = 60.0
    state: str = ""
    client_id: str = "simulated-client"
    client_secret: str = "simulated-secret"
    refresh_token: str = "simulated-refresh-token"
    token_seconds: int = 3600
    refresh_token_days: int = 30
    single_use_refresh: bool = False
    legacy_token_keys: bool = False
    webhook_signature: str = "hex"

    def clock(self) -> tuple[int, float]:
        """Return the simulated time in seconds since 1970, and how far it is ahead of the real
        clock."""
        real = time.time()
        if not self.now:
            return int(real), 0
        now = parse_moment(self.now)
        return now, now - real

    def reset_to(self, body: Mapping[str, Any]) -> Options:
        """Return these options with the seed, webinars, registrants and now of `body`.

        Raises ValueError for a value that the command line would refuse and for any other name.
        """
        readers: dict[str, Callable[[str], Any]] = {
            "seed": int,
            "webinars": count,
            "registrants": _registrants,
            "now": _moment,
        }
        return self.replaced(body, readers)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare every option on ``parser``, with the defaults of `Options`."""
    default = Options()
    add = parser.add_argument
    add("--host", default=default.host, help="address to listen on")
    add("--port", type=port, default=default.port, help="0 takes any free port")
    add("--seed", type=int, default=default.seed, help="same seed and --now, same account")
    add("--now", type=_moment, default=default.now, help="start the clock at this ISO time")
    add("--webinars", type=count, default=default.webinars, help="webinars in the account")
    add(
        "--registrants",
        type=_registrants,
        default=default.registrants,
        help=f"registrants of the big past webinar, at most {MOST_REGISTRANTS}",
    )
    add(
        "--rate-limit",
        type=count,
        default=default.rate_limit,
        help="calls in any second before 429; 0 for no limit",
    )
    add("--latency-ms", type=amount, default=default.latency_ms, help="delay of each answer")
    add("--live", action="store_true", help="people come and go, webinars go live and end")
    add(
        "--live-seconds",
        type=amount,
        default=default.live_seconds,
        help="mean time between two events of --live",
    )
    add("--state", default=default.state, help="file that keeps the account between runs")
    add("--client-id", default=default.client_id)
    add("--client-secret", default=default.client_secret)
    add("--refresh-token", default=default.refresh_token)
    add(
        "--token-seconds",
        type=count,
        default=default.token_seconds,
        help="how long an access token is good for",
    )
    add(
        "--refresh-token-days",
        type=count,
        default=default.refresh_token_days,
        help="how long a refresh token is good for; near its end a new one comes along",
    )
    add(
        "--single-use-refresh",
        action="store_true",
        help="a refresh token is good once; each refresh brings the next",
    )
    add(
        "--webhook-signature",
        choices=("hex", "base64", "none"),
        default=default.webhook_signature,
        help="how webhooks are signed",
    )
    add(
        "--legacy-token-keys",
        action="store_true",
        help="token answers name organizer_key and account_key, as older ones did",
    )


def _registrants(text: str) -> int:
    number = count(text)
    if number > MOST_REGISTRANTS:
        raise argparse.ArgumentTypeError(f"{text} is more than {MOST_REGISTRANTS}")
    return number


def _moment(text: str) -> str:
    if text:
        try:
            parse_moment(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"{text} is no ISO time") from error
    return text


def parse_moment(text: str) -> int:
    """Return the seconds since 1970 of an ISO 8601 time; a time without zone is UTC.

    Raises ValueError for anything else.
    """
    if not re.match(r"\d{4}-\d\d-\d\d", text):
        raise ValueError(text)
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp())
