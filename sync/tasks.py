"""The entry points of the background jobs. Each can be called from a test without a queue."""

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
from sync.queue import queue_lists, queue_past, queue_polling, queue_sync
from sync.reconciliation import job as reconciliation
from sync.webhooks import process as events
from webinars.models import Webinar

logger = logging.getLogger(__name__)
Trigger = SyncRun.Trigger

# The pushers are given this long before the sweep takes their work.
_OVERDUE = dt.timedelta(seconds=15)
# Pushes go on so long before events have their turn.
_TURN = dt.timedelta(seconds=1)
# One who polls goes on until the next one surely has begun, a minute or so later.
_POLLING = dt.timedelta(seconds=70)
_LOOK_EVERY_SECONDS = 1.0
# A sweep ends before the next one begins: a crowd at the form takes one worker from the syncs, and
# never all of them.
_SWEEP = dt.timedelta(seconds=50)
# So many webinars of the past are queued in a round: what is due and not done is in the next.
_PAST_AT_ONCE = 200


@job
def sync_webinar(webinar_id: int, trigger: str, user_id: int | None = None) -> str:
    """Sync one webinar and return how that ended, for the queue's own list.

    One that was switched off since this was queued is not synced, whoever asked (rule 1).
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
    """Run the reconciliation of one webinar's two lists that someone waits for."""
    webinar = Webinar.objects.select_related("connection").get(pk=webinar_id)
    try:
        return str(reconciliation.run(webinar).state)
    except jobs.NoPendingJob:
        return "nobody waits for it"


def dry_run(webinar_id: int) -> str:
    """Make the dry run of one webinar's sync that someone waits for."""
    webinar = Webinar.objects.select_related("connection").get(pk=webinar_id)
    try:
        return str(preview.run(webinar).state)
    except jobs.NoPendingJob:
        return "nobody waits for it"


@job
def sync_round() -> int:
    """Queue a sync of each webinar whose turn it is (every 15 minutes)."""
    now = timezone.now()
    closely = queue_sync(scheduling.due_closely(now), trigger=Trigger.SCHEDULE)
    return closely + queue_past(scheduling.due_past(now)[:_PAST_AT_ONCE])


@job
def sync_past_webinar(webinar_id: int) -> str:
    """Look at a webinar that is over, if it still is its turn and nothing else needs the calls."""
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
    """Queue the reading of each connection's list of webinars (hourly)."""
    return queue_lists(trigger=Trigger.SCHEDULE)


def push_waiting() -> int:
    """Push every registration that is due, oldest first, and do what the platform's events hint at;
    several such tasks share the work. Neither waits for the other to run dry."""
    pusher, count = push.Pusher(), 0
    while done := pusher.push_due(at_most=_TURN) + events.process_due():
        count += done
    return count


@job
def poll_intakes(
    seconds: float = _POLLING.total_seconds(), sleep: Callable[[float], None] = time.sleep
) -> int:
    """Take in what people sent to others, and push what is due, for so many seconds; return how
    many were taken in. The sweep asks for this each minute, so that someone always looks."""
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
    """Push what no one has pushed for a while, and do what events of a while ago hint at: a lost
    task left it, or no pusher runs (each minute)."""
    if intakes.is_any_active():
        queue_polling()
        intakes.poll_due(waited=_OVERDUE)
    pushed = push.Pusher().push_due(waited=_OVERDUE, at_most=_SWEEP)
    return pushed + events.process_due(waited=_OVERDUE)


@job
def read_details() -> int:
    """Read what people submitted and no one has read yet, with calls that no one else needs (each
    minute)."""
    return details_backfill.read_unread()


@job
def promote(webinar_id: int) -> int:
    """Send people of a webinar's waiting list for the seats that are free, and return how many."""
    webinar = Webinar.objects.select_related("connection").get(pk=webinar_id)
    return promotion.promote(webinar, client_for(webinar.connection))


@job
def promote_waiting() -> int:
    """Look at each waiting list from which people come in by themselves (every 5 minutes)."""
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
    """Read what a webinar's form asks for, as a marketer has just switched it on."""
    webinar = Webinar.objects.select_related("connection").get(pk=webinar_id)
    capacity.refresh_form_fields(webinar, client_for(webinar.connection))
