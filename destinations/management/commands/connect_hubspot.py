"""manage.py connect_hubspot: connect a HubSpot portal."""

import getpass
import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import translation
from django.views.decorators.debug import sensitive_variables

from core import messages
from core.public_key import OwnKeyCommand
from destinations.error_messages import sentence_with_words
from destinations.hubspot import access
from destinations.hubspot.errors import HubSpotError
from destinations.hubspot.property_checks import problems, unmapped_required
from destinations.models import Portal


class Command(OwnKeyCommand):
    help = (
        "Connect a HubSpot portal by an access token (a service key, or that of a private app), "
        "which is taken from HUBSPOT_ACCESS_TOKEN or read from standard input. The portal that is "
        "connected already gets the new token. The host comes from HUBSPOT_API_URL."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--token-stdin",
            action="store_true",
            help="read the access token from standard input, whatever HUBSPOT_ACCESS_TOKEN holds",
        )
        parser.add_argument("--json", action="store_true", help="tell the result as JSON")

    @sensitive_variables()
    def handle(self, *, token_stdin: bool = False, json: bool = False, **_: Any) -> None:
        token = "" if token_stdin else settings.HUBSPOT_ACCESS_TOKEN.strip()
        token = token or _read()
        if not token:
            raise CommandError(
                "Not connected. Set HUBSPOT_ACCESS_TOKEN, or give the access token on standard "
                "input."
            )
        with translation.override("en"):
            try:
                portal = access.connect(token)
            except HubSpotError as error:
                raise CommandError(f"Not connected. {sentence_with_words(error)}") from None
            except access.OtherPortal as error:
                words = messages.text(error.code, error.params)
                raise CommandError(f"Not connected. {words}") from None
            except ValueError as error:
                raise CommandError(f"Not connected. {error}") from None
            self._print_result(portal, as_json=json)

    def _print_result(self, portal: Portal, *, as_json: bool) -> None:
        data = result(portal)
        if as_json:
            self.stdout.write(json.dumps(data))
            return
        self.stdout.write(f"Connected {portal} (portal {portal.portal_id or 'unknown'}).")
        for name, check in data["checks"].items():
            self.stdout.write(f"{name}: {'works' if check['works'] else check['problem']}")
        for problem in data["mapping_problems"]:
            self.stdout.write(f"mapping of {problem['value']}: {problem['problem']}")


def result(portal: Portal) -> dict[str, Any]:
    """Return the data about a connected portal for the output."""
    rows = {ours: str(problem) for ours, problem in problems(portal).items()}
    return {
        "portal": portal.portal_id or None,
        "state": portal.state,
        "checks": {
            name: {
                "works": check["ok"],
                "problem": None if check["ok"] else messages.text(check["code"], check["params"]),
                "words": check.get("words") or None,
            }
            for name, check in portal.checks.items()
        },
        "mapping_problems": [
            {"value": ours, "property": portal.mapping[ours], "problem": problem}
            for ours, problem in rows.items()
        ],
        "required_unmapped": [str(problem) for problem in unmapped_required(portal)],
    }


def _read() -> str:
    """Return the first line of standard input; a terminal does not echo it."""
    if sys.stdin.isatty():
        return getpass.getpass("Access token: ").strip()
    return sys.stdin.readline().strip()
