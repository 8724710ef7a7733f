"""manage.py send_to_hubspot: preview a webinar's hand-over, and switch it on."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils import translation

from core.public_key import OwnKeyCommand
from core.rate_limit.database import Priority
from destinations.error_messages import sentence_with_words
from destinations.hubspot import access, handover
from destinations.hubspot.errors import HubSpotError
from destinations.hubspot.handover_rows import plan_webinar
from destinations.hubspot.other_events import decide
from destinations.hubspot.preview import Preview, preview
from destinations.hubspot.status import counts_of
from destinations.hubspot.switch import PreviewNeeded, handover_of, switch_off, switch_on
from destinations.models import Portal, WebinarHandover
from webinars.models import Webinar


class Command(OwnKeyCommand):
    help = (
        "Hand the people of a webinar over to HubSpot, now and from now on. With --preview only "
        "say who would be, and change nothing in HubSpot; a past webinar needs that first."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--webinar", required=True, metavar="KEY", help="the webinar")
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--preview", action="store_true", help="say what would be sent")
        what.add_argument("--off", action="store_true", help="send nothing more of this webinar")
        parser.add_argument(
            "--events",
            choices=["existing", "own"],
            help=(
                "for dates of which HubSpot has a marketing event of another integration: use "
                "that one, or create another"
            ),
        )
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *, webinar: str, json: bool, off: bool, **options: Any) -> None:
        self._json = json
        portal = Portal.objects.joined().first()
        if portal is None:
            raise CommandError("HubSpot is not connected yet. Run `manage.py connect_hubspot`.")
        rows = list(Webinar.objects.select_related("connection").filter(key=webinar))
        if len(rows) != 1:
            found = "no webinar" if not rows else "more than one webinar"
            raise CommandError(f"There is {found} with the key {webinar}.")
        row = handover_of(portal, rows[0])
        with translation.override("en"):
            if options["preview"]:
                self._preview(row)
            elif off:
                switch_off(row)
                self._print({"webinar": webinar, "enabled": False}, "Nothing more is sent.")
            else:
                self._send(row, options["events"])

    def _preview(self, row: WebinarHandover) -> None:
        try:
            made = preview(access.client_for(row.portal, Priority.MANUAL), row)
        except HubSpotError as error:
            raise CommandError(sentence_with_words(error)) from None
        report = {"webinar": row.webinar.key, "title": row.webinar.subject, **made.as_json()}
        self._print(report, _in_words(made))

    def _send(self, row: WebinarHandover, events: str | None) -> None:
        if events:
            decide(list(row.events.all()), existing=events == "existing")
        try:
            switch_on(row)
        except PreviewNeeded:
            raise CommandError(
                "This webinar is over. See first what would be sent: run this with --preview."
            ) from None
        handover.try_again(row)
        plan_webinar(row.pk)
        done = handover.hand_over(row.pk, at_most=float("inf"))
        row.refresh_from_db()
        counts = counts_of(row)
        undecided = [event for event in row.events.all() if event.awaits_choice]
        report = {
            "webinar": row.webinar.key,
            "title": row.webinar.subject,
            "enabled": True,
            "done": done,
            **counts,
            "undecided_events": len(undecided),
            "error": row.error_in_english(),
        }
        words = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items())
        if undecided:
            words += f". {_undecided(len(undecided))}"
        self._print(report, f"{row.webinar.subject}: {words}")
        if row.error_code:
            raise CommandError(row.error_in_english())

    def _print(self, report: dict[str, Any], words: str) -> None:
        self.stdout.write(json.dumps(report, ensure_ascii=False) if self._json else words)


def _undecided(count: int) -> str:
    return (
        f"{count} dates wait: HubSpot has marketing events of another integration for them. Run "
        "this with --events existing or --events own"
    )


def _in_words(made: Preview) -> str:
    report = made.as_json()
    lines = [
        f"Marketing events: {', '.join(made.events) or 'none'}",
        f"{made.total} people: {made.existing} in HubSpot already, {made.new} would be created, "
        f"{len(made.left_out)} left out",
    ]
    lines += [f"  {row['count']} × {row['words']}" for row in report["reasons"]]
    lines += [
        f"In HubSpot already: {row['name']} ({row['app'] or 'another app'}, {row['object_id']})"
        for row in made.other_events
    ]
    if dates := len({row["event"] for row in made.other_events}):
        lines.append(f"{_undecided(dates)}.")
    return "\n".join(lines)
