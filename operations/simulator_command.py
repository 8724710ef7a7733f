"""The base of the commands that run a simulator."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser


class SimulatorCommand(BaseCommand):
    """Run the simulator in the package `simulator` until it is stopped.

    The package has `options`, and `server`, which needs a web framework: a production server
    installs requirements.txt only, so it is imported when the command runs.
    """

    simulator: str
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        import_module(f"{self.simulator}.options").add_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        parsed = import_module(f"{self.simulator}.options").Options.from_parsed(options)
        try:
            server = import_module(f"{self.simulator}.server")
        except ModuleNotFoundError as error:
            raise CommandError(
                f"The simulator needs the package {error.name}. Install what it needs with: "
                "pip install --no-deps --require-hashes -r requirements-demo.txt"
            ) from error
        try:
            server.run(parsed)
        except OSError as error:
            raise CommandError(f"{parsed.host}:{parsed.port}: {error.strerror}") from error
