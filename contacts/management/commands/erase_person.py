"""manage.py erase_person: erase a person permanently, as the page's action does."""

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.core.validators import validate_email

from contacts.deletion import erase
from core.public_key import OwnKeyCommand


class Command(OwnKeyCommand):
    help = (
        "Erase a person permanently: contact, timeline and every trace in other tables. No sync, "
        "webhook or import brings them back; their own registration on your form does."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="any address that they have or ever had here")
        parser.add_argument("--yes", action="store_true", help="erase without asking; not undone")
        parser.add_argument("--json", action="store_true", help="print rows by table as JSON")

    def handle(self, *, email: str, **options: Any) -> None:
        try:
            validate_email(email.strip())
        except ValidationError as error:
            raise CommandError("This is not an email address. Type the whole address.") from error
        if not options["yes"] and input("Erase this person permanently? Type yes: ") != "yes":
            raise CommandError("Nothing was erased. Type yes, or use --yes.")
        rows = {label: count for label, count in sorted(erase(email).items()) if count}
        if options["json"]:
            self.stdout.write(json.dumps({"erased": True, "rows": rows}))
            return
        if not rows:
            self.stdout.write("Nothing was kept about this person. They stay away from now on.")
        for label, count in rows.items():
            self.stdout.write(f"{label:<36}{count:>7} rows")
