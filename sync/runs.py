"""Run a sync and record it from start to end, whatever happens in it."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import structlog

from core.rate_limit import RateLimitTimeout
from core.rate_limit.database import Priority
from platforms.client_factory import client_for
from platforms.error_messages import PeopleUnread, StepsUnreadable, explain
from platforms.errors import PlatformError
from platforms.models import Connection
from sync import lease
from sync.models import SyncRun
from sync.pull import details_backfill
from sync.pull.apply import ApplyStats
from sync.pull.webinar_list import hear_of_sessions, sync_webinar_list
from sync.pull.webinar_sync import OnProgress, WebinarSync
from webinars.models import Webinar

logger = logging.getLogger(__name__)
_PRIORITIES = {
    SyncRun.Trigger.SCHEDULE: Priority.SCHEDULED,
    SyncRun.Trigger.MANUAL: Priority.MANUAL,
    SyncRun.Trigger.COMMAND: Priority.MANUAL,
    SyncRun.Trigger.WEBHOOK: Priority.WEBHOOK,
}
# For these triggers, the details of newcomers are read at once, if the rate limit allows.
_INTERACTIVE_TRIGGERS = (SyncRun.Trigger.MANUAL, SyncRun.Trigger.COMMAND)
# How long a low-priority sync of a past webinar waits for a call.
_WAIT_AT_MOST_SECONDS = 20.0


class CallCount:
    """Counts the calls of a run in all threads."""

    def __init__(self) -> None:
        self.made = 0
        self._lock = threading.Lock()

    def __call__(self, template: str) -> None:
        with self._lock:
            self.made += 1


@dataclass(slots=True)
class Result:
    """The results of a run so far, however it ends."""

    stats: ApplyStats = field(default_factory=ApplyStats)
    # Rows that could not be read by list, counted by the client.
    skipped: Mapping[str, int] = field(default_factory=dict)
    answers_read: bool = False


def sync_webinar(
    webinar: Webinar,
    *,
    trigger: SyncRun.Trigger,
    user_id: int | None = None,
    on_progress: OnProgress | None = None,
    priority: Priority | None = None,
) -> SyncRun:
    """Sync `webinar` and return the run, done or failed. Raises lease.Busy.

    Its calls have `priority`, or that of its `trigger`. At the lowest priority it raises
    RateLimitTimeout if others need the calls: then nothing was done, or the next run continues.
    """
    run = lease.claim(webinar.connection, webinar, trigger=trigger, user_id=user_id)

    def body(calls: CallCount, result: Result) -> None:
        client = client_for(
            webinar.connection,
            priority or _PRIORITIES[trigger],
            on_call=calls,
            # A worker must not wait long: others need it, as they need the calls.
            wait_at_most=_WAIT_AT_MOST_SECONDS if priority is Priority.BACKFILL else None,
        )
        result.skipped = client.skipped
        webinar_sync = WebinarSync(run, webinar, client, stats=result.stats)
        if on_progress is not None:
            webinar_sync.on_progress = on_progress
        webinar_sync.sync()
        result.answers_read = webinar_sync.answers_read
        if trigger in _INTERACTIVE_TRIGGERS:
            details_backfill.read_new(webinar, run.started_at)
        if webinar_sync.unreadable:
            raise StepsUnreadable(webinar_sync.unreadable)
        if webinar_sync.unread:
            raise PeopleUnread(webinar_sync.unread)

    return _recorded(run, body)


def sync_list(
    connection: Connection, *, trigger: SyncRun.Trigger, user_id: int | None = None
) -> SyncRun:
    """Sync the list of webinars of `connection` and return the run. Raises lease.Busy."""
    run = lease.claim(connection, None, trigger=trigger, user_id=user_id)

    def body(calls: CallCount, result: Result) -> None:
        client = client_for(connection, _PRIORITIES[trigger], on_call=calls)
        result.skipped = client.skipped
        sync_webinar_list(connection, client)
        if trigger == SyncRun.Trigger.SCHEDULE:
            # Hourly, and not essential: past webinars are synced daily anyway.
            try:
                hear_of_sessions(connection, client)
            except PlatformError as error:
                logger.warning(
                    "Sessions of %s were not read: %s", connection.pk, explain(error).sentence
                )

    return _recorded(run, body)


def _recorded(run: SyncRun, body: Callable[[CallCount, Result], None]) -> SyncRun:
    calls, result = CallCount(), Result()
    stats = result.stats
    state, problem = SyncRun.State.DONE, None
    with lease.kept_alive(run), structlog.contextvars.bound_contextvars(run_id=run.pk):
        try:
            body(calls, result)
        except RateLimitTimeout:
            lease.give_up(run, was_anything_written=stats != ApplyStats())
            raise
        except lease.LostLease:
            logger.warning("Sync run %s was declared lost and stopped.", run.pk)
        except Exception as error:
            state, problem = SyncRun.State.FAILED, explain(error)
            if isinstance(error, PlatformError | PeopleUnread | StepsUnreadable):
                logger.warning("Sync run %s failed: %s", run.pk, problem.sentence)
            else:
                logger.exception("Sync run %s failed", run.pk)
    lease.finish(
        run,
        state,
        calls=calls.made,
        skipped=dict(result.skipped),
        answers_read=result.answers_read,
        new_contacts=stats.contacts,
        new_registrations=stats.registrations,
        new_attendances=stats.attendances,
        new_activities=stats.activities,
        **(problem.columns() if problem else {}),
    )
    return run
