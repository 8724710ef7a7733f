"""manage.py doctor: what is wrong with this installation, and what to do about it."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from operations.doctor import Tone, examine

_MARKS = {Tone.GOOD: "ok     ", Tone.WARNING: "look   ", Tone.BAD: "WRONG  "}


class Command(BaseCommand):
    help = (
        "Look at settings, database, workers, clock, connections, webhooks and sync, and say what "
        "to do about each that is wrong. Exits with 1 when something is."
    )
    # It looks at what a failing check would keep every other command from.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON list")
        parser.add_argument("--offline", action="store_true", help="make no calls to other servers")

    def handle(self, **options: Any) -> None:
        found = []
        for item in examine(offline=options["offline"]):
            found.append(item)
            if not options["json"]:
                self.stdout.write(f"{_MARKS[item.tone]}{item.about}: {item.message}")
                if item.todo:
                    self.stdout.write(f"       → {item.todo}")
        if options["json"]:
            self.stdout.write(json.dumps([asdict(item) for item in found], ensure_ascii=False))
        if any(item.tone == Tone.BAD for item in found):
            raise SystemExit(1)
