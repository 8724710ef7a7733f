"""manage.py reconcile KEY: list every person on one side only, with the reason."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils import translation

from core.public_key import OwnKeyCommand
from platforms.client_factory import client_for
from platforms.error_messages import explain
from platforms.errors import PlatformError
from sync.models.reconciliation import Side
from sync.reconciliation.differences import compare
from webinars.management.lookup import webinar_by_key

# The keys for scripts, whichever platform holds the webinar.
SIDES = {Side.HERE: "here", Side.PLATFORM: "goto"}


class Command(OwnKeyCommand):
    help = "Compare a webinar's list here with GoToWebinar's, person by person."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("key", help="GoTo's webinar key")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *, key: str, **options: Any) -> None:
        webinar = webinar_by_key(key, self.stderr.write)
        try:
            reconciliation = compare(webinar, client_for(webinar.connection))
        except PlatformError as error:
            with translation.override("en"):
                raise CommandError(f"Not compared. {explain(error)}") from None
        if options["json"]:
            answer = {
                "webinar": webinar.key,
                "here": reconciliation.here,
                "goto": reconciliation.on_platform,
                "adds_up": reconciliation.adds_up,
                "differences": [
                    {"email": item.email, "reason": item.reason.value, "side": SIDES[item.side]}
                    for item in reconciliation.differences
                ],
            }
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
            return
        for item in reconciliation.differences:
            self.stdout.write(f"{SIDES[item.side]:>4}  {item.email}  {item.reason.value}")
        verdict = "adds up" if reconciliation.adds_up else "does NOT add up"
        self.stdout.write(
            f"{reconciliation.here} here, {reconciliation.on_platform} on GoToWebinar: {verdict}"
        )
