"""What is asked for by pages, by the clock and by the packages below (sync.receivers)."""

from collections.abc import Iterable

from core.queue import enqueue, enqueue_each, enqueue_task, hint, wake
from platforms.models import Connection
from sync.models import SyncRun
from webinars.models import Webinar

Trigger = SyncRun.Trigger
# Workers of their own (`Q_CLUSTER_NAME=push manage.py qcluster`): a person at the form does not
# wait for a long sync to end. Without them the sweep pushes, within a minute.
PUSH_CLUSTER = "push"


def queue_push() -> None:
    """Ask for what is due now: pushes, and events of the platform's webhooks."""
    wake("sync.tasks.push_waiting", PUSH_CLUSTER)


def queue_polling() -> bool:
    """Have a pusher take in what people sent to others (`sync.push.intakes`), for a minute from
    now; return whether anybody was asked."""
    return enqueue_task("sync.tasks.poll_intakes", cluster=PUSH_CLUSTER) is not None


def queue_promotion(webinar: Webinar) -> bool:
    """Ask for the waiting list of `webinar` to be looked at now; return whether anybody was
    asked."""
    return enqueue("sync.tasks.promote", webinar.pk)


def queue_form(webinar: Webinar) -> None:
    """Ask for what the form of `webinar` asks to be read; each list of webinars reads it too."""
    enqueue("sync.tasks.read_form", webinar.pk)


def queue_sync(
    webinars: Iterable[Webinar], *, trigger: Trigger = Trigger.MANUAL, user_id: int | None = None
) -> int:
    """Ask for a sync run of each of `webinars`: a task each, so that workers share them. Return for
    how many someone was asked."""
    return enqueue_each(
        "sync.tasks.sync_webinar",
        [webinar.pk for webinar in webinars],
        trigger.value,
        user_id,
        urgent=trigger != Trigger.SCHEDULE,
    )


def queue_past(webinars: Iterable[Webinar]) -> int:
    """Ask for a look at each of `webinars`, which are over, when nothing else needs the calls.
    Return for how many someone was asked."""
    return enqueue_each("sync.tasks.sync_past_webinar", [webinar.pk for webinar in webinars])


def queue_lists(*, trigger: Trigger = Trigger.MANUAL, user_id: int | None = None) -> int:
    """Ask for the list of webinars of each connection to be read. Return for how many someone was
    asked."""
    return enqueue_each(
        "sync.tasks.sync_list",
        [connection.pk for connection in Connection.objects.all() if connection.is_synced],
        trigger.value,
        user_id,
        urgent=trigger != Trigger.SCHEDULE,
    )


def queue_reconciliation(webinar: Webinar) -> bool:
    """Queue the reconciliation that waits for `webinar`; return whether anybody was asked."""
    return hint("sync.tasks.compare", webinar.pk)


def queue_dry_run(webinar: Webinar) -> bool:
    """Ask for the dry run that waits for `webinar`; return whether anybody was asked."""
    return hint("sync.tasks.dry_run", webinar.pk)
