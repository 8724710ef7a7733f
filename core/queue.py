"""Asking a worker for something sooner than the clock would. Tasks are hints: a lost one costs
time, never data, because what must happen is in the tables.

Tasks are named, not imported: each package has entry points of its own in its `tasks.py`.

Of a job that is queued with `enqueue` only one of a kind and subject is open: its row
(`QueuedJob`) is there from the call until a worker begins it. A task that got lost, or whose worker
was killed before it began, blocks the next one for LOST_AFTER. If it comes after all, there are two
tasks and one row: whichever begins first takes the row, and the other does nothing.
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

# As many workers as can drain what is due at the same time.
_HINTS = 4
# A job that no one has begun for so long may be lost: it is queued again when asked for.
LOST_AFTER = dt.timedelta(minutes=2)
# Anyone who queues something has written the row before the task.
_SURELY_THERE = dt.timedelta(seconds=30)
BEGUN_ALREADY = "another task has begun it"

P = ParamSpec("P")
T = TypeVar("T")


def _broker() -> AbstractContextManager[Any]:
    """Return within what the broker is used. Its table is in our database, and outside of a
    transaction it closes a connection that has been open for a while: under whoever is reading
    row by row."""
    return transaction.atomic(using=Conf.ORM, savepoint=False) if Conf.ORM else nullcontext()


def wake(task: str, cluster: str) -> None:
    """Have the workers of `cluster` call `task`, which does everything that is due: a few that
    no one has begun are enough. A broken queue is logged, and what is due is found by the clock."""
    try:
        with _broker():
            if get_broker(cluster).queue_size() < _HINTS:
                async_task(task, cluster=cluster, save=False)
    except Exception:
        logger.exception("Nobody was asked for %s: it waits for the clock", task)


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


def nothing_waits() -> bool:
    """Return whether no task waits for a worker; False where the queue does not answer."""
    try:
        with _broker():
            return not get_broker().queue_size()
    except Exception as error:
        if not is_redis_error(error):
            raise
        return False


def forget_lost(task: str) -> None:
    """Let `task` be queued again where its row waits and no task does (`nothing_waits`): the queue
    has forgotten it.

    One that a worker holds already and has not begun looks the same: then there are two tasks and
    one row, as above.
    """
    before = timezone.now() - _SURELY_THERE
    QueuedJob.objects.filter(kind=task, subject="", queued_at__lt=before).delete()


def job(function: Callable[P, T]) -> Callable[P, T]:
    """Mark an entry point that is queued with `enqueue`; called as a function it just runs.

    As a task it begins once for each row, with the arguments that are there.
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
        # The queue is a table of the same database: its tasks are there when the rest is.
        ask()
    else:
        transaction.on_commit(ask, robust=True)


def hint(function: str, *args: object, **options: object) -> bool:
    """Ask for `function` to be called now, and return whether anybody was asked: a queue that does
    not answer is logged. What a table holds, a periodic job finds; of the rest the caller tells."""
    return bool(_submit(function, *args, **options))


def _submit(function: str, *args: object, **options: object) -> str:
    """Return the id of the task that was made; "" where the queue does not answer."""
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
    """Do what `enqueue` does for each of `keys`, and return for how many someone was asked."""
    # A queue that hangs is waited for once, not once a key: a person looks at the page.
    return sum(takewhile(bool, (enqueue(task, key, *args, urgent=urgent) for key in keys)))
