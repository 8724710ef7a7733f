"""Entry points of the background jobs of destinations."""

import time
from collections.abc import Callable

from core import outbox_delivery
from core.queue import enqueue, job
from core.rate_limit.database import Priority
from destinations.hubspot import access, checks, handover, lists
from destinations.hubspot.errors import HubSpotError
from destinations.hubspot.handover_rows import plan_webinar
from destinations.hubspot.switch import SEND_TASK
from destinations.models import HubSpotComparison, Portal, WebinarHandover
from destinations.models.check import HubSpotCheck
from destinations.notifications import report_refused_token
from sync import jobs
from webinars.models import Webinar

# The longest time that a worker waits to read what it sent a few seconds before.
_CONFIRM_WITHIN_SECONDS = 8.0
_LOOK_EVERY_SECONDS = 1.0


@job
def read_hubspot_properties() -> int:
    """Read the portal's contact properties again (each day). Return how many there are."""
    portal = Portal.objects.joined().first()
    if portal is None:
        return 0
    try:
        access.read_properties(portal, access.client_for(portal, Priority.BACKFILL))
    except HubSpotError as error:
        access.note_error(portal, error)
        return 0
    return len(portal.definitions)


@job
def verify_hubspot(portal_id: int) -> bool:
    """Test the connection that a user asked about; return whether a portal is connected."""
    portal = Portal.objects.joined().filter(pk=portal_id).first()
    if portal is None:
        return False
    access.verify_connection(portal)
    return True


@job
def hand_over_webinar(handover_id: int) -> bool:
    """Compare all people of a webinar with what was sent, and send what is due."""
    plan_webinar(handover_id)
    done = handover.hand_over(handover_id)
    if not done and handover.is_due(handover_id):
        enqueue(SEND_TASK, handover_id)
    row = WebinarHandover.objects.select_related("portal", "webinar").filter(pk=handover_id).first()
    if row is not None and row.portal.current:
        # Someone may look at its page.
        checks.request(HubSpotComparison, row.portal, row.webinar)
    return done


def preview_webinar(webinar_id: int) -> str:
    """Find out what would be sent of a webinar, for someone who waits."""
    return _checked(checks.run_preview, webinar_id)


def compare_webinar(webinar_id: int) -> str:
    """Compare a webinar with HubSpot, for someone who waits."""
    return _checked(checks.run_comparison, webinar_id)


def read_forms(webinar_id: int) -> str:
    """Read which forms HubSpot has, for someone who waits."""
    return _checked(checks.run_form_list, webinar_id)


def _checked(run: Callable[[Webinar], HubSpotCheck], webinar_id: int) -> str:
    webinar = Webinar.objects.select_related("connection").get(pk=webinar_id)
    try:
        return str(run(webinar).state)
    except jobs.NoPendingJob:
        return "no one waits for it"


@job
def sweep() -> int:
    """Plan and send what is due of every webinar (each minute): what lost tasks and killed workers
    left, attendance that is due, retries and confirmations. Then update lists, and email the
    operators about a refused token."""
    portal = Portal.objects.connected()
    if portal is None:
        if not Portal.objects.joined().exists():
            # Created by a process that did not know yet that the portal was disconnected.
            outbox_delivery.discard(access.READER)
        return 0
    report_refused_token()
    handover.plan_due(portal)
    due = handover.due_handovers(portal)
    sent = sum(handover.hand_over(pk) for pk in due)
    lists.follow_due(portal)
    return sent


@job
def follow_list(list_pk: int) -> bool:
    """Update a list of HubSpot right after it was switched on."""
    return lists.follow(list_pk)


@job
def confirm_soon(
    portal_id: int,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Look up in HubSpot what was sent a few seconds ago; the sweep looks up the rest."""
    count = 0
    portal = Portal.objects.joined().filter(pk=portal_id).first()
    if portal is None:
        return 0
    began = time.monotonic()
    while handover.is_unconfirmed(portal):
        if time.monotonic() - began > _CONFIRM_WITHIN_SECONDS:
            break
        sleep(_LOOK_EVERY_SECONDS)
        count += sum(handover.hand_over(pk) for pk in handover.due_handovers(portal))
    return count
