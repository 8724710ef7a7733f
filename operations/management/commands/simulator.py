"""``manage.py simulator``: run a local GoToWebinar for the demo, tests and benchmarks."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from webinars.simulator.options import Options, add_options
from webinars.simulator.server import run


class Command(BaseCommand):
    help = "Run a local GoToWebinar; prints one JSON line when it is ready."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        add_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        parsed = Options.from_parsed(options)
        try:
            run(parsed)
        except OSError as error:
            raise CommandError(f"{parsed.host}:{parsed.port}: {error.strerror}") from error
