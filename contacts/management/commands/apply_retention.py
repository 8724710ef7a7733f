"""manage.py apply_retention: list the contacts to delete by KEEP_PEOPLE_DAYS, or delete them
now."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.utils import timezone

from contacts.retention import forget, outdated
from core.public_key import OwnKeyCommand


class Command(OwnKeyCommand):
    help = (
        "Show of how many people nothing was heard for KEEP_PEOPLE_DAYS; with --delete, forget "
        "them now instead of tonight."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--delete", action="store_true", help="delete them; not undone")

    def handle(self, *, delete: bool, **_: Any) -> None:
        if settings.KEEP_PEOPLE_DAYS <= 0:
            self.stdout.write("KEEP_PEOPLE_DAYS is not set: nothing is deleted.")
            return
        now = timezone.now()
        if delete:
            self.stdout.write(f"{forget(now)} people forgotten.")
            return
        people = outdated(now)
        self.stdout.write(f"{people.count()} people would be forgotten. The first of them:")
        for contact in people[:20]:
            since = timezone.localtime(contact.created_at)
            self.stdout.write(f"  {contact.email}, here since {since:%Y-%m-%d}")
