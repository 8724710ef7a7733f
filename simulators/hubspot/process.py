"""Start a simulated portal as a separate process, for tests, benchmarks and the demo."""

from __future__ import annotations

from typing import Any

from simulators.process import BaseProcess, SimulatorError

from .options import Options

__all__ = ["HubSpotProcess", "SimulatorError"]


class HubSpotProcess(BaseProcess):
    """``with HubSpotProcess(contacts=1000) as hubspot:`` runs one until the block ends.

    Keyword arguments are those of `Options`, except that the default port is any free one and the
    rate limit is off. ``ready`` contains the ready line: ``api_url``, ``access_token``,
    ``portal_id``, ``control_url``.
    """

    module = "simulators.hubspot"

    def __init__(self, **options: Any) -> None:
        self.options = Options(**{"port": 0, "rate_limit": 0, **options})
        super().__init__(self.options.arguments())

    def reset(self, **options: Any) -> None:
        """Behave as if just started; ``options`` are those of the control path ``reset``. Address
        and access token stay, the latter for the same seed."""
        self.ready |= self.control("POST", "reset", options)

    def calls(self) -> list[dict[str, Any]]:
        """Return the calls since the start or the last reset: ``method``, ``path``, ``status``."""
        made: list[dict[str, Any]] = self.control("GET", "calls")
        return made

    def truth(self) -> dict[str, Any]:
        """Return the content of the portal; see `truth.truth`."""
        held: dict[str, Any] = self.control("GET", "truth")
        return held
