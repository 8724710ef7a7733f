"""What pages show of HubSpot: read by a worker, kept, and shown from then on.

A page asks for a check and shows the newest result; HubSpot may be slow or away in the meantime.
"""

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, TypeVar

from django.utils import timezone

from core.queue import hint
from core.rate_limit.database import Priority
from destinations.error_messages import as_stored
from destinations.hubspot import access
from destinations.hubspot.client import Client
from destinations.hubspot.errors import HubSpotError
from destinations.hubspot.forms_client import HubSpotField, HubSpotForm, list_forms
from destinations.hubspot.preview import preview
from destinations.hubspot.status import Difference, hubspot_counts, status_of
from destinations.hubspot.switch import handover_of
from destinations.models import (
    HubSpotComparison,
    HubSpotFormList,
    HubSpotPreview,
    Portal,
)
from destinations.models.check import HubSpotCheck
from sync import jobs
from webinars.models import Webinar

State = HubSpotCheck.State
# So many people are listed; the command lists all.
LISTED = 500
# A page that is opened has checked again what is older.
FRESH_FOR = dt.timedelta(minutes=1)
_TASKS: dict[type[HubSpotCheck], str] = {
    HubSpotPreview: "destinations.tasks.preview_webinar",
    HubSpotComparison: "destinations.tasks.compare_webinar",
    HubSpotFormList: "destinations.tasks.read_forms",
}
C = TypeVar("C", bound=HubSpotCheck)


def request(
    kind: type[HubSpotCheck], portal: Portal, webinar: Webinar, user_id: int | None = None
) -> bool:
    """Have a worker check a webinar, and return whether that is on its way."""

    def enqueue(webinar: Webinar) -> bool:
        return hint(_TASKS[kind], webinar.pk)

    return jobs.request(kind, webinar, user_id, enqueue, portal=portal)


def refresh(kind: type[HubSpotCheck], portal: Portal, webinar: Webinar) -> None:
    """Have a webinar checked for a page that is opened, unless that ended a moment ago."""
    last = newest(kind, portal, webinar)
    ended_at = last.finished_at if last is not None else None
    if ended_at is None or ended_at < timezone.now() - FRESH_FOR:
        request(kind, portal, webinar)


def newest(kind: type[C], portal: Portal, webinar: Webinar) -> C | None:
    """Return the check that was asked for last."""
    return kind._default_manager.filter(portal=portal, webinar=webinar).first()


def with_result(kind: type[C], portal: Portal, webinar: Webinar) -> C | None:
    """Return the newest check that has found something."""
    rows = kind._default_manager.filter(portal=portal, webinar=webinar).exclude(result={})
    return rows.select_related("requested_by").first()


# -- in a worker -----------------------------------------------------------------------------------


def run_preview(webinar: Webinar) -> HubSpotPreview:
    """Find out what would be sent. Raises jobs.NoPendingJob."""

    def body(job: HubSpotPreview, client: Client) -> dict[str, Any]:
        made = preview(client, handover_of(job.portal, webinar))
        return {
            "people": made.total,
            "existing": made.existing,
            "new": made.new,
            "notes": made.notes,
            "events": made.events,
            "left_out": len(made.left_out),
            "listed": [
                [contact, code, params] for contact, _email, code, params in made.left_out[:LISTED]
            ],
        }

    return _run(HubSpotPreview, webinar, body)


def run_comparison(webinar: Webinar) -> HubSpotComparison:
    """Compare a webinar: what is known here is shown while HubSpot is asked. Raises
    jobs.NoPendingJob."""

    def body(job: HubSpotComparison, client: Client) -> dict[str, Any]:
        row = handover_of(job.portal, webinar)
        status = status_of(row)
        differing = [*status.differing, *status.corrected]
        found: dict[str, Any] = {
            "here": status.here,
            "people": status.total,
            "handed_over": status.handed_over,
            "no_shows": status.no_shows,
            "no_shows_not_cancelled": status.no_shows_not_cancelled,
            "no_shows_cancelled": status.no_shows_cancelled,
            "late": status.late,
            "differing": [_line(item) for item in differing[:LISTED]],
            "left_out": [_line(item) for item in status.left_out[:LISTED]],
            "reasons": _reasons([*differing, *status.left_out]),
            "hidden": max(0, len(differing) - LISTED) + max(0, len(status.left_out) - LISTED),
            "there": None,
        }
        jobs.note_progress(job, result=found)
        events = [event for event in row.events.all() if event.object_id]
        return found | {"there": asdict(hubspot_counts(client, events)) if events else None}

    return _run(HubSpotComparison, webinar, body)


def _reasons(items: Sequence[Difference]) -> list[list[Any]]:
    """Return [code, parameters, number of people] of each reason, the most frequent first."""
    counts = Counter((item.code, json.dumps(item.params, sort_keys=True)) for item in items)
    return [[code, json.loads(params), count] for (code, params), count in counts.most_common()]


def _line(item: Difference) -> list[Any]:
    return [item.contact_id, item.code, item.params]


def run_form_list(webinar: Webinar) -> HubSpotFormList:
    """Read which forms the portal has. Raises jobs.NoPendingJob."""

    def body(_job: HubSpotFormList, client: Client) -> dict[str, Any]:
        return {"forms": [asdict(form) for form in list_forms(client)]}

    return _run(HubSpotFormList, webinar, body)


def forms_in(check: HubSpotFormList | None) -> list[HubSpotForm]:
    """Return the forms that a check has found."""
    rows = check.result["forms"] if check is not None else []
    return [
        HubSpotForm(row["id"], row["name"], tuple(HubSpotField(**each) for each in row["fields"]))
        for row in rows
    ]


def _run(kind: type[C], webinar: Webinar, find: Callable[[C, Client], dict[str, Any]]) -> C:
    """Run the check that waits and return how that ended. Raises jobs.NoPendingJob."""

    def body(job: C) -> None:
        try:
            found = find(job, access.client_for(job.portal, Priority.INTERACTIVE))
        except HubSpotError as error:
            jobs.finish(job, state=State.FAILED, **as_stored(error))
        else:
            jobs.finish(job, result=found)

    return jobs.run_pending(kind, webinar, body)
