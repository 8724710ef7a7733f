"""manage.py connect_goto --refresh-token …: make a connection to GoToWebinar."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from platforms.connect import connect
from platforms.error_messages import explain
from platforms.gotowebinar import GoToError


class Command(BaseCommand):
    help = (
        "Connect a GoToWebinar organizer's account by a refresh token. Client and hosts come from "
        "GOTO_CLIENT_ID, GOTO_CLIENT_SECRET, GOTO_API_URL and GOTO_AUTH_URL."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--refresh-token", required=True, help="the organizer's refresh token")

    def handle(self, *, refresh_token: str, **_: Any) -> None:
        try:
            connection = connect(refresh_token)
        except GoToError as error:
            raise CommandError(f"Not connected. {explain(error)}") from None
        except ValueError as error:
            raise CommandError(f"Not connected. {error}") from None
        self.stdout.write(f"Connected {connection} (organizer {connection.organizer_key}).")
