"""Sync runs: one bringing level, recorded from its start to its end, whatever happens in it."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import structlog

from core.rate_limit.database import Lane
from platforms.client_factory import client_for
from platforms.error_messages import PeopleUnread, StepsUnreadable, explain
from platforms.gotowebinar import GoToError
from platforms.models import Connection
from sync import lease
from sync.models import SyncRun
from sync.pull import details_backfill
from sync.pull.apply import Written
from sync.pull.webinar_list import bring_list
from sync.pull.webinar_sync import Level, OnProgress
from webinars.models import Webinar

logger = logging.getLogger(__name__)
_LANES = {
    SyncRun.Trigger.CLOCK: Lane.CLOCK,
    SyncRun.Trigger.BUTTON: Lane.BUTTON,
    SyncRun.Trigger.COMMAND: Lane.BUTTON,
    SyncRun.Trigger.WEBHOOK: Lane.WEBHOOK,
}
# Then what people submitted who are new is read at once, if nobody else needs the calls.
_SOMEBODY_WAITS = (SyncRun.Trigger.BUTTON, SyncRun.Trigger.COMMAND)


class CallCount:
    """Counts the calls of a run, from whatever thread they are made."""

    def __init__(self) -> None:
        self.made = 0
        self._lock = threading.Lock()

    def __call__(self, template: str) -> None:
        with self._lock:
            self.made += 1


@dataclass(slots=True)
class Result:
    """What a run has brought so far, however it ends."""

    written: Written = field(default_factory=Written)
    # Rows that could not be read, by list: kept by the client.
    skipped: Mapping[str, int] = field(default_factory=dict)


def sync_webinar(
    webinar: Webinar,
    *,
    trigger: SyncRun.Trigger,
    user_id: int | None = None,
    on_progress: OnProgress | None = None,
) -> SyncRun:
    """Bring `webinar` level and return the run, done or failed. Raises lease.Busy."""
    run = lease.claim(webinar.connection, webinar, trigger=trigger, user_id=user_id)

    def work(calls: CallCount, result: Result) -> None:
        client = client_for(webinar.connection, _LANES[trigger], on_call=calls)
        result.skipped = client.skipped
        level = Level(run, webinar, client, written=result.written)
        if on_progress is not None:
            level.on_progress = on_progress
        level.bring()
        if trigger in _SOMEBODY_WAITS:
            details_backfill.read_new(webinar, run.started_at)
        if level.unreadable:
            raise StepsUnreadable(level.unreadable)
        if level.unread:
            raise PeopleUnread(level.unread)

    return _recorded(run, work)


def sync_list(
    connection: Connection, *, trigger: SyncRun.Trigger, user_id: int | None = None
) -> SyncRun:
    """Bring the list of webinars of `connection` level and return the run. Raises lease.Busy."""
    run = lease.claim(connection, None, trigger=trigger, user_id=user_id)

    def work(calls: CallCount, result: Result) -> None:
        client = client_for(connection, _LANES[trigger], on_call=calls)
        result.skipped = client.skipped
        bring_list(connection, client)

    return _recorded(run, work)


def _recorded(run: SyncRun, work: Callable[[CallCount, Result], None]) -> SyncRun:
    calls, result = CallCount(), Result()
    written = result.written
    state, problem = SyncRun.State.DONE, None
    with lease.kept_alive(run), structlog.contextvars.bound_contextvars(run_id=run.pk):
        try:
            work(calls, result)
        except lease.LostLease:
            logger.warning("Sync run %s was declared lost and stopped.", run.pk)
        except Exception as error:
            state, problem = SyncRun.State.FAILED, explain(error)
            if isinstance(error, GoToError | PeopleUnread | StepsUnreadable):
                logger.warning("Sync run %s failed: %s", run.pk, problem.sentence)
            else:
                logger.exception("Sync run %s failed", run.pk)
    lease.finish(
        run,
        state,
        calls=calls.made,
        skipped=dict(result.skipped),
        new_contacts=written.contacts,
        new_registrations=written.registrations,
        new_attendances=written.attendances,
        new_activities=written.activities,
        error=problem.sentence if problem else "",
        goto_words=problem.words if problem else "",
    )
    return run
