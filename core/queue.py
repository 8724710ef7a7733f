"""Asking a worker for something sooner than the clock would. Tasks are hints: a lost one costs
time, never data, because what must happen stands in the tables.

Tasks are named, not imported: the entry points in `sync.tasks` stand above this package.

Of a job that is queued with `enqueue` only one of a kind and subject is open: its row
(`QueuedJob`) is there from the call until a worker begins it. A task that got lost, or whose worker
was killed before it began, blocks the next one for LOST_AFTER. If it comes after all, there are two
tasks and one row: whichever begins first takes the row, and the other does nothing.
"""

import datetime as dt
import functools
import logging
from collections.abc import Callable, Iterable
from itertools import takewhile
from pydoc import locate
from typing import Any, ParamSpec, TypeVar

from django.db import IntegrityError, transaction
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.conf import Conf
from django_q.tasks import async_task

from core.models import QueuedJob
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
# A job that nobody has begun for so long may be lost: it is queued once more when asked for.
LOST_AFTER = dt.timedelta(minutes=2)
BEGUN_ALREADY = "another task has begun it"

P = ParamSpec("P")
T = TypeVar("T")


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


def enqueue(task: str, *args: Any, urgent: bool = False) -> bool:
    """Have `task`, a function marked with `job`, called soon, unless it is on its way already.

    Its first argument is the subject; of a kind and subject one job is open at a time. `urgent`
    replaces the other arguments of the one that waits. Returns False where the queue does not
    answer: then nothing is queued.
    """
    return enqueue_task(task, *args, urgent=urgent) is not None


def enqueue_task(task: str, *args: Any, urgent: bool = False, **options: object) -> str | None:
    """Do what `enqueue` does, and return the id of the new task; "" where it is on its way already,
    None where the queue does not answer. `options` are those of django-q2."""
    now = timezone.now()
    rows = QueuedJob.objects.filter(kind=task, subject=_subject(args))
    if not _open(task, args, now):
        if urgent:
            rows.update(args=list(args))
        before = rows.values_list("queued_at", flat=True).first()
        if not rows.filter(queued_at__lt=now - LOST_AFTER).update(queued_at=now):
            return ""
    else:
        before = None
    made = _ask(task, *args, queued=True, **options)
    if made:
        return made
    mine = rows.filter(queued_at=now)
    if before is None:
        mine.delete()
    else:
        mine.update(queued_at=before)
    return None


def _open(task: str, args: tuple[Any, ...], now: dt.datetime) -> bool:
    """Note that `task` is queued; False where it is already."""
    which = {"kind": task, "subject": _subject(args)}
    if QueuedJob.objects.filter(**which).exists():
        return False
    try:
        with transaction.atomic():
            QueuedJob.objects.create(**which, args=list(args), queued_at=now)
    except IntegrityError:
        return False
    return True


def _subject(args: tuple[Any, ...]) -> str:
    return str(args[0]) if args else ""


def job(function: Callable[P, T]) -> Callable[P, T]:
    """Mark an entry point that is queued with `enqueue`; called as a function it just runs.

    As a task it begins once for each row, with the arguments that stand there.
    """
    kind = f"{function.__module__}.{function.__qualname__}"

    @functools.wraps(function)
    def begin(*args: P.args, **kwargs: P.kwargs) -> Any:
        if not kwargs.pop("queued", False):
            return function(*args, **kwargs)
        row = QueuedJob.objects.filter(kind=kind, subject=_subject(args)).first()
        if row is None or not QueuedJob.objects.filter(pk=row.pk).delete()[0]:
            return BEGUN_ALREADY
        begun: Any = function
        return begun(*row.args)

    begin.is_job = True  # type: ignore[attr-defined]
    return begin


def is_job(task: str) -> bool:
    """Tell whether the function called `task` is marked with `job`."""
    return getattr(locate(task), "is_job", False)


def when_committed(ask: Callable[[], object]) -> None:
    """Call `ask`, which queues something, so that a worker sees what this transaction writes."""
    if Conf.ORM:
        # The queue is a table of the same database: its tasks are there when the rest is.
        ask()
    else:
        transaction.on_commit(ask, robust=True)


def hint(function: str, *args: object, **options: object) -> bool:
    """Ask for `function` to be called now, and tell whether anybody was asked: a queue that does
    not answer is logged. What a table holds, a periodic job finds; of the rest the caller tells."""
    return bool(_ask(function, *args, **options))


def _ask(function: str, *args: object, **options: object) -> str:
    """Return the id of the task that was made; "" where the queue does not answer."""
    try:
        made: str = async_task(function, *args, **options)
    except Exception as error:
        if not is_redis_error(error):
            raise
        logger.warning("The queue of tasks does not answer: nobody was asked for %s", function)
        return ""
    return made


def queue_webhooks() -> None:
    """Ask for the webhooks that are wanted to be set up."""
    enqueue("sync.tasks.keep_webhooks")


def queue_promotion(webinar: Webinar) -> bool:
    """Ask for the waiting list of `webinar` to be looked at now; tell whether anybody was asked."""
    return enqueue("sync.tasks.promote", webinar.pk)


def queue_form(webinar: Webinar) -> None:
    """Ask for what the form of `webinar` asks to be read; each list of webinars reads it too."""
    enqueue("sync.tasks.read_form", webinar.pk)


def queue_sync(
    webinars: Iterable[Webinar], *, trigger: SyncRun.Trigger, user_id: int | None = None
) -> int:
    """Ask for a sync run of each of `webinars`: a task each, so that workers share them. Return for
    how many somebody was asked."""
    return _enqueue_each(
        "sync.tasks.sync_webinar",
        [webinar.pk for webinar in webinars],
        trigger.value,
        user_id,
        urgent=trigger != SyncRun.Trigger.CLOCK,
    )


def queue_past(webinars: Iterable[Webinar]) -> int:
    """Ask for a look at each of `webinars`, which are over, when nothing else needs the calls.
    Return for how many somebody was asked."""
    return _enqueue_each("sync.tasks.sync_past_webinar", [webinar.pk for webinar in webinars])


def queue_lists(
    connections: Iterable[Connection], *, trigger: SyncRun.Trigger, user_id: int | None = None
) -> int:
    """Ask for each connection's list of webinars to be brought level. Return for how many somebody
    was asked."""
    return _enqueue_each(
        "sync.tasks.sync_list",
        [connection.pk for connection in connections if connection.is_synced],
        trigger.value,
        user_id,
        urgent=trigger != SyncRun.Trigger.CLOCK,
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


def _enqueue_each(task: str, keys: Iterable[int], *args: object, urgent: bool = False) -> int:
    # A queue that hangs is waited for once, not once a key: a person looks at the page.
    return sum(takewhile(bool, (enqueue(task, key, *args, urgent=urgent) for key in keys)))
