"""The command-line options, shared by the Django command and ``__main__``."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from simulators.arguments import CommandLine, amount, count, port

# How long a marketing event's participation takes to appear (seen).
PARTICIPATION_LAG_SECONDS = 1.3
REGIONS = ("na1", "eu1")


@dataclass(frozen=True)
class Options(CommandLine):
    """The options of a portal; every field is also an option on the command line."""

    host: str = "127.0.0.1"
    port: int = 8020
    contacts: int = 100
    seed: int = 1
    rate_limit: int = 100
    latency_ms: float = 0.0
    lag: float = PARTICIPATION_LAG_SECONDS
    region: str = "na1"
    state: str = ""

    def reset_to(self, body: Mapping[str, Any]) -> Options:
        """Return these options, updated with `body`.

        Raises ValueError for a value that the command line would refuse and for any other name.
        """
        readers: dict[str, Callable[[str], Any]] = {
            "contacts": count,
            "seed": int,
            "rate_limit": count,
            "latency_ms": amount,
            "lag": amount,
            "region": region,
        }
        return self.replaced(body, readers)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare every option on ``parser``, with the defaults of `Options`."""
    default = Options()
    add = parser.add_argument
    add("--host", default=default.host, help="address to listen on")
    add("--port", type=port, default=default.port, help="0 takes any free port")
    add("--contacts", type=count, default=default.contacts, help="contacts in the portal")
    add("--seed", type=int, default=default.seed, help="same seed, same people and ids")
    add(
        "--rate-limit",
        type=count,
        default=default.rate_limit,
        help="calls of an app in 10 seconds before 429; 0 for no limit",
    )
    add("--state", default=default.state, help="file that keeps the portal between runs")
    add("--latency-ms", type=amount, default=default.latency_ms, help="delay of each answer")
    add(
        "--lag",
        type=amount,
        default=default.lag,
        help="seconds until a participation that was written can be read",
    )
    add(
        "--region", type=region, default=default.region, help="where the portal is hosted: na1, eu1"
    )


def region(text: str) -> str:
    """Return a region's name. Raises ArgumentTypeError for any that is not known."""
    if text not in REGIONS:
        raise argparse.ArgumentTypeError(f"{text} is none of {', '.join(REGIONS)}")
    return text
