"""A portal that is connected to the simulated HubSpot, and its content, for tests."""

import datetime as dt
from typing import Any

from django.utils import timezone

from core import outbox_delivery
from destinations import tasks
from destinations.hubspot import access, handover
from destinations.hubspot.handover_rows import plan_webinar
from destinations.hubspot.switch import handover_of, switch_on
from destinations.models import (
    HubSpotComparison,
    HubSpotFormList,
    HubSpotPreview,
    Portal,
    WebinarHandover,
)
from simulators.hubspot.process import HubSpotProcess
from webinars.models import Webinar

NEVER = ("batch/upsert", "batch/update", "email-create", "/search", "email-upsert")


class Killed(BaseException):
    """Ends a worker at once, like a signal."""


def connect(hubspot: HubSpotProcess, **values: Any) -> Portal:
    """Connect the simulated portal, with its properties read and enough calls for a test."""
    made = {
        "portal_id": str(hubspot.ready["portal_id"]),
        "access_token": str(hubspot.ready["access_token"]),
        "calls_per_10_s": 10_000,
    } | values
    portal = Portal.objects.create(**made)
    access.read_properties(portal, access.client_for(portal))
    hubspot.control("POST", "lag", {"participation": 0})
    hubspot.control("POST", "calls/reset")
    return portal


def switched_on(portal: Portal, webinar: Webinar) -> WebinarHandover:
    """Return the hand-over of a webinar, switched on, as if previewed."""
    row = handover_of(portal, webinar)
    row.previewed_at = timezone.now()
    row.save()
    switch_on(row)
    return row


def send(row: WebinarHandover) -> bool:
    """Plan and send all of a webinar, including delayed work after a fault."""
    handover.try_again(row)
    Portal.objects.update(blocked_until=None)
    plan_webinar(row.pk)
    return handover.hand_over(row.pk)


def deliver() -> int:
    """Deliver the outbox events for HubSpot."""
    return outbox_delivery.deliver(access.READER, sleep=lambda seconds: None)


def work() -> int:
    """Run the reads that pages requested of HubSpot, as a worker does; return how many there
    were."""
    tasks_of = {
        HubSpotPreview: tasks.preview_webinar,
        HubSpotComparison: tasks.compare_webinar,
        HubSpotFormList: tasks.read_forms,
    }
    count = 0
    for kind, task in tasks_of.items():
        for job in kind._default_manager.filter(state="waiting"):
            task(job.webinar_id)
            count += 1
    return count


def participations(hubspot: HubSpotProcess) -> list[tuple[str, str, str, int]]:
    """Return (event, address, state, time in ms) of each activity in HubSpot."""
    return sorted(
        (row["event"], row["email"], row["state"], row["occurred_at"])
        for row in hubspot.truth()["participations"]
    )


def states(hubspot: HubSpotProcess) -> list[tuple[str, str]]:
    """Return (address, state) of each activity in HubSpot."""
    return [(email, state) for _event, email, state, _at in participations(hubspot)]


def contacts(hubspot: HubSpotProcess) -> dict[str, dict[str, Any]]:
    """Return HubSpot's data of each contact, by address; without archived ones."""
    return {
        row["properties"]["email"]: row
        for row in hubspot.truth()["contacts"]
        if not row["archived"]
    }


def writes(hubspot: HubSpotProcess) -> list[str]:
    """Return the calls that can change something in HubSpot."""
    return [
        f"{call['method']} {call['path']}"
        for call in hubspot.calls()
        if call["method"] != "GET" and not call["path"].endswith("/batch/read")
    ]


def milliseconds(at: dt.datetime) -> int:
    """Return a time in HubSpot's format."""
    return int(at.timestamp() * 1000)
