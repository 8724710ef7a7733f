"""manage.py connect_goto: create a connection to GoToWebinar."""

import getpass
import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from core.public_key import OwnKeyCommand
from platforms.connect import connect
from platforms.error_messages import explain
from platforms.errors import PlatformError


class Command(OwnKeyCommand):
    help = (
        "Connect a GoToWebinar organizer's account by a refresh token, which is taken from "
        "GOTO_REFRESH_TOKEN or read from standard input. Client and hosts come from "
        "GOTO_CLIENT_ID, GOTO_CLIENT_SECRET, GOTO_API_URL and GOTO_AUTH_URL."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--refresh-token",
            metavar="TOKEN",
            help="the organizer's refresh token; other users of this machine can see it",
        )

    def handle(self, *, refresh_token: str | None = None, **_: Any) -> None:
        if refresh_token:
            self.stderr.write(
                "Other users of this machine can see --refresh-token in the list of processes. Set "
                "GOTO_REFRESH_TOKEN instead, or give the token on standard input."
            )
        token = refresh_token or os.environ.get("GOTO_REFRESH_TOKEN", "").strip() or _read()
        if not token:
            raise CommandError(
                "Not connected. Set GOTO_REFRESH_TOKEN, or give the organizer's refresh token on "
                "standard input."
            )
        try:
            connection = connect(token)
        except PlatformError as error:
            raise CommandError(f"Not connected. {explain(error)}") from None
        except ValueError as error:
            raise CommandError(f"Not connected. {error}") from None
        self.stdout.write(f"Connected {connection} (organizer {connection.organizer_key}).")


def _read() -> str:
    """Return the first line of standard input; a terminal does not echo it."""
    if sys.stdin.isatty():
        return getpass.getpass("Refresh token: ").strip()
    return sys.stdin.readline().strip()
