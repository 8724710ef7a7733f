"""Functions that queue tasks, for pages, periodic jobs and packages below (sync.receivers)."""

from collections.abc import Iterable

from core.queue import enqueue, enqueue_each, enqueue_task, hint, wake
from platforms.models import Connection
from sync.models import SyncRun
from webinars.models import Webinar

Trigger = SyncRun.Trigger
# Workers of their own (`Q_CLUSTER_NAME=push manage.py qcluster`), so that visitors do not wait for
# long syncs. Without them the sweep pushes within a minute.
PUSH_CLUSTER = "push"


def queue_push() -> None:
    """Queue what is due now: pushes and webhook events."""
    wake("sync.tasks.push_waiting", PUSH_CLUSTER)


def queue_polling() -> bool:
    """Have a pusher poll the intakes (`sync.push.intakes`) for a minute from now; return whether
    that was queued."""
    return enqueue_task("sync.tasks.poll_intakes", cluster=PUSH_CLUSTER) is not None


def queue_promotion(webinar: Webinar) -> bool:
    """Queue a check of the waiting list of `webinar`; return whether that worked."""
    return enqueue("sync.tasks.promote", webinar.pk)


def queue_form(webinar: Webinar) -> None:
    """Queue a refresh of the form of `webinar`; each list of webinars refreshes it too."""
    enqueue("sync.tasks.read_form", webinar.pk)


def queue_sync(
    webinars: Iterable[Webinar], *, trigger: Trigger = Trigger.MANUAL, user_id: int | None = None
) -> int:
    """Queue a sync of each of `webinars`, a task each, so that workers share them. Return for how
    many that worked."""
    return queue_sync_of([webinar.pk for webinar in webinars], trigger=trigger, user_id=user_id)


def queue_sync_of(
    webinar_ids: Iterable[int], *, trigger: Trigger, user_id: int | None = None
) -> int:
    """Queue a sync of each of the webinars with these ids, as `queue_sync` does."""
    return enqueue_each(
        "sync.tasks.sync_webinar",
        webinar_ids,
        trigger.value,
        user_id,
        urgent=trigger != Trigger.SCHEDULE,
    )


def queue_past(webinar_ids: Iterable[int]) -> int:
    """Queue a low-priority sync of each of the webinars with these ids, which are over. Return for
    how many that worked."""
    return enqueue_each("sync.tasks.sync_past_webinar", webinar_ids)


def queue_lists(*, trigger: Trigger = Trigger.MANUAL, user_id: int | None = None) -> int:
    """Queue a refresh of the list of webinars of each connection. Return for how many that
    worked."""
    return enqueue_each(
        "sync.tasks.sync_list",
        [connection.pk for connection in Connection.objects.all() if connection.is_synced],
        trigger.value,
        user_id,
        urgent=trigger != Trigger.SCHEDULE,
    )


def queue_reconciliation(webinar: Webinar) -> bool:
    """Queue the pending reconciliation of `webinar`; return whether that worked."""
    return hint("sync.tasks.compare", webinar.pk)


def queue_dry_run(webinar: Webinar) -> bool:
    """Queue the pending dry run of `webinar`; return whether that worked."""
    return hint("sync.tasks.dry_run", webinar.pk)
