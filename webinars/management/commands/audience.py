"""manage.py audience KEY NAME: list the people in an audience of a webinar."""

import csv
import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import F

from core.csv_export import escape_row
from webinars.audiences import Audience, members, parse
from webinars.management.lookup import webinar_by_key

FIELDS = ("email", "first_name", "last_name", "registrant_key", "minutes_attended")


class Command(BaseCommand):
    help = "List the people in one audience of a webinar."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("key", help="GoTo's webinar key")
        parser.add_argument("name", help="one of: " + ", ".join(Audience))
        form = parser.add_mutually_exclusive_group()
        form.add_argument("--json", action="store_true", help="print JSON")
        form.add_argument("--csv", action="store_true", help="print CSV")

    def handle(self, *, key: str, name: str, **options: Any) -> None:
        webinar = webinar_by_key(key, self.stderr.write)
        try:
            audience = parse(name)
        except ValueError:
            raise CommandError(
                f"There is no audience called {name}. There are: {', '.join(Audience)}."
            ) from None
        rows = (
            members(webinar, audience)
            .order_by("contact__email_key")
            .values_list(
                F("contact__email"),
                F("contact__first_name"),
                F("contact__last_name"),
                "registrant_key",
                "seconds_attended",
            )
        )
        people = [dict(zip(FIELDS, (*row[:4], round(row[4] / 60)), strict=True)) for row in rows]
        if options["csv"]:
            writer = csv.writer(self.stdout, lineterminator="\n")
            writer.writerow(FIELDS)
            for person in people:
                writer.writerow(escape_row([person[name] for name in FIELDS]))
        elif options["json"]:
            answer = {
                "webinar": webinar.key,
                "audience": audience.value,
                "count": len(people),
                "people": people,
            }
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
        else:
            for person in people:
                self.stdout.write("{email}  {first_name} {last_name}".format(**person))
            self.stdout.write(f"{len(people)} in {audience} of {webinar.subject}")
