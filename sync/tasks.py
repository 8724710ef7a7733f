"""Entry points of the background jobs of sync. Each can be called from a test without a queue."""

import datetime as dt
import logging
import time
from collections.abc import Callable

from django.utils import timezone

from core.queue import job
from core.rate_limit import RateLimitTimeout
from core.rate_limit.database import Priority
from platforms.client_factory import client_for
from platforms.error_messages import explain
from platforms.errors import PlatformError
from platforms.models import Connection
from sync import dry_run as preview
from sync import jobs, lease, runs, scheduling
from sync.models import SyncRun
from sync.pull import details_backfill
from sync.push import capacity, intakes, promotion, push
from sync.queue import queue_lists, queue_past, queue_polling, queue_sync_of
from sync.reconciliation import job as reconciliation
from sync.webhooks import process as events
from webinars.models import Webinar

logger = logging.getLogger(__name__)
Trigger = SyncRun.Trigger

# How long pushers have before the sweep pushes.
_OVERDUE = dt.timedelta(seconds=15)
# How long pushes go on before events have their turn.
_TURN = dt.timedelta(seconds=1)
# A pusher that polls continues until the next one has certainly begun, about a minute later.
_POLLING = dt.timedelta(seconds=70)
_LOOK_EVERY_SECONDS = 1.0
# A sweep ends before the next one begins, so that a rush of registrations takes one worker from the
# syncs, and never all of them.
_SWEEP = dt.timedelta(seconds=50)
# How many past webinars are queued in a round; the rest is in the next.
_PAST_AT_ONCE = 200


@job
def sync_webinar(webinar_id: int, trigger: str, user_id: int | None = None) -> str:
    """Sync one webinar and return the result, for the queue's own list.

    A webinar whose sync was turned off since is not synced, whoever asked (rule 1).
    """
    webinar = Webinar.objects.select_related("connection").get(pk=webinar_id)
    if not webinar.sync_enabled:
        return "its sync is switched off"
    try:
        run = runs.sync_webinar(webinar, trigger=Trigger(trigger), user_id=user_id)
    except lease.Busy:
        return "another run is syncing it"
    if run.state == SyncRun.State.DONE:
        reconciliation.refresh(webinar, asked_for=run.trigger == Trigger.MANUAL)
    return str(run.state)


@job
def sync_list(connection_id: int, trigger: str, user_id: int | None = None) -> str:
    """Sync one connection's list of webinars."""
    connection = Connection.objects.get(pk=connection_id)
    try:
        return str(runs.sync_list(connection, trigger=Trigger(trigger), user_id=user_id).state)
    except lease.Busy:
        return "another run is reading the list"


def compare(webinar_id: int) -> str:
    """Run the pending reconciliation of a webinar."""
    webinar = Webinar.objects.select_related("connection").get(pk=webinar_id)
    try:
        return str(reconciliation.run(webinar).state)
    except jobs.NoPendingJob:
        return "no one waits for it"


def dry_run(webinar_id: int) -> str:
    """Do the pending dry run of a webinar."""
    webinar = Webinar.objects.select_related("connection").get(pk=webinar_id)
    try:
        return str(preview.run(webinar).state)
    except jobs.NoPendingJob:
        return "no one waits for it"


@job
def sync_round() -> int:
    """Queue a sync of each webinar that is due (every 15 minutes)."""
    now = timezone.now()
    closely = scheduling.due_closely(now).values_list("pk", flat=True)
    past = scheduling.due_past(now).values_list("pk", flat=True)
    queued = queue_sync_of(closely, trigger=Trigger.SCHEDULE)
    return queued + queue_past(past[:_PAST_AT_ONCE])


@job
def sync_past_webinar(webinar_id: int) -> str:
    """Sync a past webinar, if it is still due and the rate limit allows."""
    due = scheduling.due_past(timezone.now()).select_related("connection")
    webinar = due.filter(pk=webinar_id).first()
    if webinar is None:
        return "it is not its turn any more"
    try:
        run = runs.sync_webinar(webinar, trigger=Trigger.SCHEDULE, priority=Priority.BACKFILL)
    except lease.Busy:
        return "another run is syncing it"
    except RateLimitTimeout:
        return "others need the calls: the next round asks again"
    return str(run.state)


@job
def refresh_lists() -> int:
    """Queue a refresh of each connection's list of webinars (hourly)."""
    return queue_lists(trigger=Trigger.SCHEDULE)


def push_waiting() -> int:
    """Push every registration that is due, oldest first, and process due webhook events; several
    such tasks share the work, and neither kind waits for the other to end."""
    pusher, count = push.Pusher(), 0
    while done := pusher.push_due(at_most=_TURN) + events.process_due():
        count += done
    return count


@job
def poll_intakes(
    seconds: float = _POLLING.total_seconds(), sleep: Callable[[float], None] = time.sleep
) -> int:
    """Poll the intakes and push what is due for `seconds`; return how many people were registered.
    The sweep queues this each minute, so that there is always one."""
    until = time.monotonic() + seconds
    taken = 0
    while True:
        taken += intakes.poll_due()
        push_waiting()
        if time.monotonic() >= until:
            return taken
        sleep(_LOOK_EVERY_SECONDS)


@job
def sweep_pushes() -> int:
    """Push and process what has waited for a while, after lost tasks or without a pusher (each
    minute)."""
    if intakes.is_any_active():
        queue_polling()
        intakes.poll_due(waited=_OVERDUE)
    pushed = push.Pusher().push_due(waited=_OVERDUE, at_most=_SWEEP)
    return pushed + events.process_due(waited=_OVERDUE)


@job
def read_details() -> int:
    """Read details of registrations that were not read yet, at the lowest priority (each
    minute)."""
    return details_backfill.read_unread()


@job
def promote(webinar_id: int) -> int:
    """Assign free seats of a webinar to its waiting list, and return how many."""
    webinar = Webinar.objects.select_related("connection").get(pk=webinar_id)
    return promotion.promote(webinar, client_for(webinar.connection))


@job
def promote_waiting() -> int:
    """Check each waiting list to which free seats are assigned automatically (every 5 minutes)."""
    sent = 0
    for webinar in scheduling.with_waiting_people(timezone.now()):
        try:
            sent += promotion.promote(webinar, client_for(webinar.connection, Priority.SCHEDULED))
        except PlatformError as error:
            logger.warning(
                "The waiting list of webinar %s was not looked at: %s",
                webinar.pk,
                explain(error).sentence,
            )
    return sent


@job
def read_form(webinar_id: int) -> None:
    """Refresh a webinar's form, after a marketer has opened it."""
    webinar = Webinar.objects.select_related("connection").get(pk=webinar_id)
    capacity.refresh_form_fields(webinar, client_for(webinar.connection))
