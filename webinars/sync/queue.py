"""Asking a worker for something sooner than the clock would. Tasks are hints: a lost one costs
time, never data, because what must happen stands in the tables.

Tasks are named, not imported: the entry points in `webinars.tasks` stand above this package.
"""

import logging
from collections.abc import Iterable

from django_q.tasks import async_task

from webinars.models import Connection, Registration, SyncRun, Webinar

logger = logging.getLogger(__name__)


def queue_push(registration: Registration) -> None:
    """Ask for the push of `registration` now. A broken queue is logged: the sweep finds the row."""
    try:
        async_task("webinars.tasks.push", registration.pk)
    except Exception:
        logger.exception("The push of registration %s waits for the sweep", registration.pk)


def queue_sync(
    webinars: Iterable[Webinar], *, trigger: SyncRun.Trigger, user_id: int | None = None
) -> int:
    """Ask for a sync run of each of `webinars`: a task each, so that workers share them."""
    count = 0
    for webinar in webinars:
        async_task("webinars.tasks.sync_webinar", webinar.pk, trigger.value, user_id)
        count += 1
    return count


def queue_lists(
    connections: Iterable[Connection], *, trigger: SyncRun.Trigger, user_id: int | None = None
) -> int:
    """Ask for each connection's list of webinars to be brought level."""
    count = 0
    for connection in connections:
        async_task("webinars.tasks.sync_list", connection.pk, trigger.value, user_id)
        count += 1
    return count


def queue_comparison(webinar: Webinar) -> None:
    """Ask for the comparison of the two lists that waits for `webinar`."""
    async_task("webinars.tasks.compare", webinar.pk)
