"""Asking a worker for something sooner than the clock would. Tasks are hints: a lost one costs
time, never data, because what must happen stands in the tables.

Tasks are named, not imported: the entry points in `sync.tasks` stand above this package.
"""

import logging
from collections.abc import Iterable
from itertools import takewhile

from django_q.brokers import get_broker
from django_q.tasks import async_task

from core.redis_errors import is_redis_error
from platforms.models import Connection
from sync.models import SyncRun
from webinars.models import Webinar

logger = logging.getLogger(__name__)

# Workers of their own (`Q_CLUSTER_NAME=push manage.py qcluster`): a person at the form does not
# wait for a long sync to end. Without them the sweep pushes, within a minute.
PUSH_CLUSTER = "push"
# As many workers as can drain what is due at the same time.
_HINTS = 4


def queue_push() -> None:
    """Ask for what is due now: pushes, and events of GoTo's webhooks. A broken queue is logged: the
    sweep finds the rows.

    One such task does everything that is due, so a few that nobody has begun are enough.
    """
    try:
        if get_broker(PUSH_CLUSTER).queue_size() < _HINTS:
            async_task("sync.tasks.push_waiting", cluster=PUSH_CLUSTER, save=False)
    except Exception:
        logger.exception("Pushes wait for the sweep")


def hint(function: str, *args: object) -> bool:
    """Ask for `function` to be called now, and tell whether anybody was asked: a queue that does
    not answer is logged. What a table holds, a periodic job finds; of the rest the caller tells."""
    try:
        async_task(function, *args)
    except Exception as error:
        if not is_redis_error(error):
            raise
        logger.warning("The queue of tasks does not answer: nobody was asked for %s", function)
        return False
    return True


def queue_webhooks() -> None:
    """Ask for the webhooks that are wanted to be set up."""
    hint("sync.tasks.keep_webhooks")


def queue_promotion(webinar: Webinar) -> bool:
    """Ask for the waiting list of `webinar` to be looked at now; tell whether anybody was asked."""
    return hint("sync.tasks.promote", webinar.pk)


def queue_form(webinar: Webinar) -> None:
    """Ask for what the form of `webinar` asks to be read; each list of webinars reads it too."""
    hint("sync.tasks.read_form", webinar.pk)


def queue_sync(
    webinars: Iterable[Webinar], *, trigger: SyncRun.Trigger, user_id: int | None = None
) -> int:
    """Ask for a sync run of each of `webinars`: a task each, so that workers share them. Return for
    how many somebody was asked."""
    return _hint_each(
        "sync.tasks.sync_webinar", [webinar.pk for webinar in webinars], trigger.value, user_id
    )


def queue_past(webinars: Iterable[Webinar]) -> int:
    """Ask for a look at each of `webinars`, which are over, when nothing else needs the calls.
    Return for how many somebody was asked."""
    return _hint_each("sync.tasks.sync_past_webinar", [webinar.pk for webinar in webinars])


def queue_lists(
    connections: Iterable[Connection], *, trigger: SyncRun.Trigger, user_id: int | None = None
) -> int:
    """Ask for each connection's list of webinars to be brought level. Return for how many somebody
    was asked."""
    return _hint_each(
        "sync.tasks.sync_list",
        [connection.pk for connection in connections if connection.is_synced],
        trigger.value,
        user_id,
    )


def queue_comparison(webinar: Webinar) -> bool:
    """Ask for the comparison that waits for `webinar`; tell whether anybody was asked."""
    return hint("sync.tasks.compare", webinar.pk)


def queue_dry_run(webinar: Webinar) -> bool:
    """Ask for the dry run that waits for `webinar`; tell whether anybody was asked."""
    return hint("sync.tasks.dry_run", webinar.pk)


def queue_import(import_id: int) -> None:
    """Ask for an uploaded file to be checked or written."""
    hint("sync.tasks.import_contacts", import_id)


def _hint_each(function: str, keys: Iterable[int], *args: object) -> int:
    # A queue that hangs is waited for once, not once a key: a person looks at the page.
    return sum(takewhile(bool, (hint(function, key, *args) for key in keys)))
