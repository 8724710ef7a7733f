"""``manage.py hubspot_simulator``: run a local HubSpot for the demo, tests and benchmarks."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from simulators.hubspot.options import Options, add_options


class Command(BaseCommand):
    help = "Run a local HubSpot portal; prints one JSON line when it is ready."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        add_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        parsed = Options.from_parsed(options)
        try:
            # Imported here: a server installs requirements.txt alone, without a web framework.
            from simulators.hubspot.server import run
        except ModuleNotFoundError as error:
            raise CommandError(
                f"The simulator needs the package {error.name}. Install what it needs with: "
                "pip install --require-hashes -r requirements-demo.txt"
            ) from error
        try:
            run(parsed)
        except OSError as error:
            raise CommandError(f"{parsed.host}:{parsed.port}: {error.strerror}") from error
