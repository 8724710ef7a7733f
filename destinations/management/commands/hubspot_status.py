"""manage.py hubspot_status: compare what was handed over with HubSpot, person by person."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError
from django.db.models import Count, Q, QuerySet
from django.utils import translation

from core import messages
from core.public_key import OwnKeyCommand
from core.rate_limit.database import Priority
from destinations.error_messages import sentence
from destinations.hubspot import access
from destinations.hubspot.errors import HubSpotError
from destinations.hubspot.notes import counts_of_notes
from destinations.hubspot.status import Difference, hubspot_counts, status_of
from destinations.models import ContactList, FormSource, Portal, WebinarHandover


class Command(OwnKeyCommand):
    help = "Compare the webinars that are sent to HubSpot with HubSpot, person by person."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--webinar", action="append", default=[], metavar="KEY", help="a webinar; repeatable"
        )
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *, webinar: list[str], json: bool, **options: Any) -> None:
        portal = Portal.objects.joined().first()
        if portal is None:
            raise CommandError("HubSpot is not connected yet. Run `manage.py connect_hubspot`.")
        rows = WebinarHandover.objects.select_related("webinar__connection", "portal")
        rows = rows.filter(portal=portal, enabled=True).order_by("webinar__starts_at", "pk")
        if webinar:
            rows = rows.filter(webinar__key__in=webinar)
        with translation.override("en"):
            report = {
                "portal": portal.portal_id,
                "webinars": [_compared(row) for row in rows],
                "lists": [_list(row) for row in _lists(portal, webinar)],
                "forms": [_form(row) for row in _forms(portal, webinar)],
            }
        self.stdout.write(_as_json(report) if json else _in_words(report))


def _compared(row: WebinarHandover) -> dict[str, Any]:
    status = status_of(row)
    there: dict[str, int] | None = None
    error = row.error_in_english()
    try:
        client = access.client_for(row.portal, Priority.MANUAL)
        there = asdict(hubspot_counts(client, row.events.all()))
    except HubSpotError as problem:
        error = sentence(problem)
    differences = [*status.differing, *status.corrected, *status.left_out]
    return {
        "webinar": row.webinar.key,
        "title": row.webinar.subject,
        "here": status.here,
        "hubspot": there,
        "people": status.total,
        "handed_over": status.handed_over,
        "in_step": status.in_step and there is not None,
        "error": error,
        "notes": counts_of_notes(row),
        "undecided_events": sum(event.awaits_choice for event in row.events.all()),
        "differences": [_difference(item) for item in differences],
    }


def _lists(portal: Portal, keys: list[str]) -> QuerySet[ContactList]:
    rows = ContactList.objects.filter(portal=portal).select_related("webinar", "segment")
    rows = rows.filter(webinar__key__in=keys) if keys else rows
    return rows.annotate(
        present=Count("members", filter=~Q(members__hubspot_id="")),
        absent=Count("members", filter=Q(members__hubspot_id="", members__contact__isnull=False)),
    ).order_by("pk")


def _list(row: Any) -> dict[str, Any]:
    return {
        "list": row.name,
        "list_id": row.list_id or None,
        "webinar": row.webinar.key if row.webinar else None,
        "audience": row.audience or None,
        "segment": str(row.segment) if row.segment else None,
        "state": row.state,
        "members": row.present,
        "not_in_hubspot": row.absent,
        "error": row.error_in_english(),
    }


def _forms(portal: Portal, keys: list[str]) -> QuerySet[FormSource]:
    rows = FormSource.objects.filter(portal=portal).select_related("webinar")
    rows = rows.filter(webinar__key__in=keys) if keys else rows
    return rows.annotate(
        taken=Count("submissions", filter=Q(submissions__state="taken")),
        skipped=Count("submissions", filter=Q(submissions__state="skipped")),
        left_out=Count("submissions", filter=Q(submissions__state="left_out")),
    ).order_by("pk")


def _form(row: Any) -> dict[str, Any]:
    return {
        "form": row.form_name,
        "form_id": row.form_id,
        "webinar": row.webinar.key,
        "on": row.enabled,
        "last_read": row.polled_at.isoformat() if row.polled_at else None,
        "registrations": row.taken,
        "skipped": row.skipped,
        "left_out": row.left_out,
        "error": row.error_in_english(),
    }


def _difference(item: Difference) -> dict[str, str]:
    ours = messages.text(item.code, item.params)
    words = f"{ours} {item.hubspot_message}" if item.hubspot_message else ours
    return {"email": item.email, "reason": item.code, "words": words}


def _as_json(report: dict[str, Any]) -> str:
    return json.dumps(report, ensure_ascii=False)


def _in_words(report: dict[str, Any]) -> str:
    lines = [f"HubSpot portal {report['portal'] or 'unknown'}"]
    for row in report["webinars"]:
        lines.append(
            f"{row['title']}: {row['handed_over']} of {row['people']} people in HubSpot as here"
        )
        lines += [f"  {row['error']}"] if row["error"] else []
        lines += [f"  {item['email']}: {item['words']}" for item in row["differences"]]
        if any(row["notes"].values()):
            counts = ", ".join(f"{count} {name}" for name, count in row["notes"].items())
            lines.append(f"  notes: {counts.replace('_', ' ')}")
    for row in report["lists"]:
        status = row["error"] or f"{row['members']} members, {row['not_in_hubspot']} not in HubSpot"
        lines.append(f"List {row['list']} ({row['state'].replace('_', ' ')}): {status}")
    for row in report["forms"]:
        status = row["error"] or (
            f"{row['registrations']} registrations, {row['skipped']} skipped, "
            f"{row['left_out']} left out"
        )
        lines.append(f"Form {row['form']} ({'on' if row['on'] else 'off'}): {status}")
    return "\n".join(lines)
