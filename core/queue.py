"""Queue tasks for workers. Tasks are hints: a lost one costs time, never data, because the work to
do is in the tables.

Tasks are named, not imported: each package has its entry points in `tasks.py`.

Of the jobs queued with `enqueue` only one of a kind and subject is open: its row (`QueuedJob`)
exists from the call until a worker begins it. A lost task blocks the next one for LOST_AFTER. If it
runs after all, there are two tasks and one row: the first to begin takes the row, and the other
does nothing.
"""

import datetime as dt
import functools
import logging
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
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

logger = logging.getLogger(__name__)

# Enough workers for what is due at the same time.
_HINTS = 4
# A job that has not begun for this long may be lost: it is queued again on request.
LOST_AFTER = dt.timedelta(minutes=2)
# Callers write the row before they queue the task.
_SURELY_THERE = dt.timedelta(seconds=30)
BEGUN_ALREADY = "another task has begun it"

P = ParamSpec("P")
T = TypeVar("T")


def _broker() -> AbstractContextManager[Any]:
    """Use the broker inside this block. Its table is in our database, and outside of a transaction
    it closes connections that have been open for a while, which would break a running iteration
    over rows."""
    return transaction.atomic(using=Conf.ORM, savepoint=False) if Conf.ORM else nullcontext()


def wake(task: str, cluster: str) -> None:
    """Queue `task`, which does everything that is due, for the workers of `cluster`; a few tasks
    that have not begun are enough. A failing queue is logged, and periodic jobs find what is due.
    """
    try:
        with _broker():
            if get_broker(cluster).queue_size() < _HINTS:
                async_task(task, cluster=cluster, save=False)
    except Exception:
        logger.exception("Nobody was asked for %s: it waits for the clock", task)


def enqueue(task: str, *args: Any, urgent: bool = False) -> bool:
    """Queue `task`, a function marked with `job`, unless it is queued already.

    Its first argument is the subject; one job of a kind and subject is open at a time. `urgent`
    replaces the other arguments of the one that waits. Returns False if the queue does not respond:
    then nothing is queued.
    """
    return enqueue_task(task, *args, urgent=urgent) is not None


def enqueue_task(task: str, *args: Any, urgent: bool = False, **options: object) -> str | None:
    """Queue `task` as `enqueue` does, and return the id of the new task; "" if it is queued
    already, None if the queue does not respond. `options` are those of django-q2."""
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
    made = _submit(task, *args, queued=True, **options)
    if made:
        return made
    mine = rows.filter(queued_at=now)
    if before is None:
        mine.delete()
    else:
        mine.update(queued_at=before)
    return None


def _open(task: str, args: tuple[Any, ...], now: dt.datetime) -> bool:
    """Record that `task` is queued; False if it is already."""
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


def nothing_waits() -> bool:
    """Return whether no task waits for a worker; False if the queue does not respond."""
    try:
        with _broker():
            return not get_broker().queue_size()
    except Exception as error:
        if not is_redis_error(error):
            raise
        return False


def forget_lost(task: str) -> None:
    """Allow `task` to be queued again if its row waits and no task does (`nothing_waits`): the
    queue has lost it.

    A task that a worker has fetched but not begun looks the same: then there are two tasks and one
    row, as described above.
    """
    before = timezone.now() - _SURELY_THERE
    QueuedJob.objects.filter(kind=task, subject="", queued_at__lt=before).delete()


def job(function: Callable[P, T]) -> Callable[P, T]:
    """Mark an entry point that is queued with `enqueue`; called as a function it runs directly.

    As a task it runs once for each row, with the row's arguments.
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
    """Return whether the function called `task` is marked with `job`."""
    return getattr(locate(task), "is_job", False)


def when_committed(ask: Callable[[], object]) -> None:
    """Call `ask`, which queues something, so that a worker sees what this transaction writes."""
    if Conf.ORM:
        # The queue is a table of the same database, so its tasks appear with the commit.
        ask()
    else:
        transaction.on_commit(ask, robust=True)


def hint(function: str, *args: object, **options: object) -> bool:
    """Queue `function`, and return whether that worked: a queue that does not respond is logged.
    Periodic jobs find work in tables; about other work the caller informs the user."""
    return bool(_submit(function, *args, **options))


def _submit(function: str, *args: object, **options: object) -> str:
    """Return the id of the task; "" if the queue does not respond."""
    try:
        with _broker():
            made: str = async_task(function, *args, **options)
    except Exception as error:
        if not is_redis_error(error):
            raise
        logger.warning("The queue of tasks does not answer: nobody was asked for %s", function)
        return ""
    return made


def enqueue_each(task: str, keys: Iterable[int], *args: object, urgent: bool = False) -> int:
    """Queue as `enqueue` does for each of `keys`, and return for how many that worked."""
    # Wait for an unresponsive queue once, not once a key: a user waits for the page.
    return sum(takewhile(bool, (enqueue(task, key, *args, urgent=urgent) for key in keys)))
