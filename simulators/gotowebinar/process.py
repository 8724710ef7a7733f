"""Start a simulated GoToWebinar as a separate process."""

from __future__ import annotations

from typing import Any

from simulators.process import ROOT, BaseProcess, SimulatorError

from .options import Options

__all__ = ["ROOT", "SimulatorError", "SimulatorProcess"]


class SimulatorProcess(BaseProcess):
    """``with SimulatorProcess(registrants=1000) as simulator:`` runs one until the block ends.

    Keyword arguments are those of `Options`, except that the default port is any free one and the
    rate limit is off. ``ready`` contains the ready line: ``api_url``, ``auth_url``, ``client_id``,
    ``client_secret``, ``refresh_token``, ``organizer_key``, ``account_key``, ``control_url``. The
    API's paths start with ``/G2W/rest/v2``.
    """

    module = "simulators.gotowebinar"

    def __init__(self, **options: Any) -> None:
        self.options = Options(**{"port": 0, "rate_limit": 0, **options})
        super().__init__(self.options.arguments())

    def reset(self, **options: Any) -> None:
        """Behave as if just started; ``options`` are ``seed``, ``webinars``, ``registrants`` and
        ``now``, those left out as at the start. The address and the refresh token stay."""
        self.ready |= self.control("POST", "reset", options)

    def calls(self) -> dict[str, Any]:
        """Return the calls since the start or the last reset."""
        answer: dict[str, Any] = self.control("GET", "calls")
        return answer

    def reset_calls(self) -> None:
        """Reset the counters."""
        self.control("POST", "calls/reset")

    def webinars(self) -> list[dict[str, Any]]:
        """Return every webinar of the simulator, including deleted ones, with its label."""
        answer: list[dict[str, Any]] = self.control("GET", "webinars")
        return answer

    def truth(self, webinar_key: str | int) -> dict[str, Any]:
        """Return the simulator's data on one webinar, as plain lists to compare with."""
        answer: dict[str, Any] = self.control("GET", f"truth/{webinar_key}")
        return answer
