"""Sync runs: one bringing level, recorded from its start to its end, whatever happens in it."""

import logging
import threading
from collections.abc import Callable

import structlog

from core.rate_limit.database import Lane
from platforms.client_factory import client_for
from platforms.error_messages import PeopleUnread, explain
from platforms.gotowebinar import GoToError
from platforms.models import Connection
from sync import lease
from sync.models import SyncRun
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


class CallCount:
    """Counts the calls of a run, from whatever thread they are made."""

    def __init__(self) -> None:
        self.made = 0
        self._lock = threading.Lock()

    def __call__(self, template: str) -> None:
        with self._lock:
            self.made += 1


def sync_webinar(
    webinar: Webinar,
    *,
    trigger: SyncRun.Trigger,
    user_id: int | None = None,
    on_progress: OnProgress | None = None,
) -> SyncRun:
    """Bring `webinar` level and return the run, done or failed. Raises lease.Busy."""
    run = lease.claim(webinar.connection, webinar, trigger=trigger, user_id=user_id)

    written = Written()

    def work(calls: CallCount) -> None:
        level = Level(
            run,
            webinar,
            client_for(webinar.connection, _LANES[trigger], on_call=calls),
            written=written,
        )
        if on_progress is not None:
            level.on_progress = on_progress
        level.bring()
        if level.unread:
            raise PeopleUnread(level.unread)

    return _recorded(run, work, written)


def sync_list(
    connection: Connection, *, trigger: SyncRun.Trigger, user_id: int | None = None
) -> SyncRun:
    """Bring the list of webinars of `connection` level and return the run. Raises lease.Busy."""
    run = lease.claim(connection, None, trigger=trigger, user_id=user_id)

    def work(calls: CallCount) -> None:
        bring_list(connection, client_for(connection, _LANES[trigger], on_call=calls))

    return _recorded(run, work, Written())


def _recorded(run: SyncRun, work: Callable[[CallCount], object], written: Written) -> SyncRun:
    calls = CallCount()
    state, problem = SyncRun.State.DONE, None
    with lease.kept_alive(run), structlog.contextvars.bound_contextvars(run_id=run.pk):
        try:
            work(calls)
        except lease.LostLease:
            logger.warning("Sync run %s was declared lost and stopped.", run.pk)
        except Exception as error:
            state, problem = SyncRun.State.FAILED, explain(error)
            if isinstance(error, GoToError | PeopleUnread):
                logger.warning("Sync run %s failed: %s", run.pk, problem)
            else:
                logger.exception("Sync run %s failed", run.pk)
    lease.finish(
        run,
        state,
        calls=calls.made,
        new_contacts=written.contacts,
        new_registrations=written.registrations,
        new_attendances=written.attendances,
        new_activities=written.activities,
        error=problem.sentence if problem else "",
        goto_words=problem.words if problem else "",
    )
    return run
