"""The process that supervises the workers of one `manage.py qcluster` and queues scheduled jobs."""

import logging
from functools import partial
from multiprocessing.process import BaseProcess
from typing import Any
from uuid import uuid4

from django.utils import timezone
from django_q import cluster, scheduler
from django_q.models import Schedule
from django_q.tasks import async_task

from core.queue import enqueue_task, forget_lost, is_job, nothing_waits, when_committed

logger = logging.getLogger(__name__)


class _Ended(Exception):
    """A process of the cluster was killed."""


class Sentinel(cluster.Sentinel):
    """Restart all processes of the cluster with new queues when one was killed.

    django-q2 would only replace the killed one. But a process that reads a queue holds its lock,
    and a killed process (out of memory, say) never releases it: all others would wait for ever,
    with tasks piling up and no error anywhere. What the others were doing is due again, as after
    any kill.
    """

    def __init__(self, *args: object) -> None:
        # The class is replaced in this module, where django-q2 looks it up.
        cluster.scheduler = queue_due
        # The original creates its queues and processes here, and supervises them.
        while True:
            try:
                super().__init__(*args)
                return
            except _Ended:
                logger.critical("A worker was killed: all of this cluster are started anew")
                for process in (*self.pool, self.monitor, self.pusher):
                    process.kill()
                    process.join()

    def reincarnate(self, process: BaseProcess) -> None:
        """Replace a worker that ended after its share of tasks, or timed out; raise _Ended for one
        that was killed by a signal."""
        if process.exitcode is not None and process.exitcode < 0:
            raise _Ended
        super().reincarnate(process)


def queue_due(broker: Any = None) -> None:
    """Queue what is due, instead of django-q2's `scheduler` (about each minute)."""
    # Checked before anything is queued: Redis may have lost all tasks.
    scheduler.async_task = partial(_queue_scheduled, nothing_waits())
    scheduler.scheduler(broker=broker)


def _queue_scheduled(nothing_waits: bool, function: str, *args: Any, **options: Any) -> str:
    """Queue a scheduled task, instead of django-q2's `async_task`; return the id of the last task
    created for it.

    While all workers are busy, each minute would add another task of each schedule. A function
    marked as a job is queued once (core.queue).
    """
    if not is_job(function):
        made: str = async_task(function, *args, **options)
        return made
    if nothing_waits:
        forget_lost(function)
    when_committed(partial(_queue_once, function, args, options))
    last = Schedule.objects.filter(func=function).values_list("task", flat=True).first()
    # django-q2 derives a name from what it takes for the id of a task.
    return last or uuid4().hex


def _queue_once(function: str, args: tuple[Any, ...], options: dict[str, Any]) -> None:
    made = enqueue_task(function, *args, **options)
    schedules = Schedule.objects.filter(func=function)
    if made is None:
        # Redis is unreachable: due again at the next check, not in an hour or a day.
        schedules.update(next_run=timezone.now())
    elif made:
        schedules.update(task=made)
