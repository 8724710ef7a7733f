"""Jobs that a user starts with a button: one open at a time for each kind and webinar.

`request` marks a job as failed whose worker was killed, creates a new one, which the database
refuses while another is open, and queues a task. If the queue does not respond, the job is deleted
and can be requested again. `run_pending` claims the pending job in a worker and runs it, unless it
was marked as failed in the meantime. Only the newest jobs are kept.
"""

import datetime as dt
import logging
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from core.conditions import has_passed
from platforms.error_messages import explain
from platforms.errors import PlatformError
from sync import lease
from sync.models import OnDemandJob
from webinars.models import Webinar

logger = logging.getLogger(__name__)
State = OnDemandJob.State
W = TypeVar("W", bound=OnDemandJob)

# How many of a kind and webinar are kept: the one that is shown, and those before it.
KEPT = 3
# A job that no worker has claimed for this long is queued again: its task may be lost.
_LOST_AFTER = dt.timedelta(seconds=30)


class NoPendingJob(Exception):
    """No job is pending: another worker has claimed or finished it."""


def request(
    kind: type[OnDemandJob],
    webinar: Webinar,
    user_id: int | None,
    enqueue: Callable[[Webinar], bool],
    **values: Any,
) -> bool:
    """Create a job of `kind` for `webinar`, with further `values`, and return whether it, or an
    earlier one, is queued.

    `enqueue` queues the task and returns whether the queue accepted it. It is not called while an
    earlier job is open, unless that one's task seems to be lost.
    """
    now = timezone.now()
    _break_off_dead(kind, webinar)
    waiting = _all(kind).filter(webinar=webinar, state=State.WAITING)
    try:
        with transaction.atomic():
            job = _all(kind).create(
                webinar=webinar, requested_by_id=user_id, requested_at=now, **values
            )
    except IntegrityError:
        lost = waiting.filter(requested_at__lt=now - _LOST_AFTER)
        if not lost.exists():
            return True
        # If the queue does not respond the job stays, for its task may still come, and stays lost,
        # so that the next click queues it again.
        called = enqueue(webinar)
        if called:
            lost.update(requested_at=now)
        return called
    if enqueue(webinar):
        return True
    waiting.filter(pk=job.pk).delete()
    return False


def run_pending(kind: type[W], webinar: Webinar, body: Callable[[W], None]) -> W:
    """Run the pending job with `body` and return it, done or failed. Raises NoPendingJob.

    `body` writes its result with `finish`.
    """
    job = _claim(kind, webinar)
    try:
        with lease.beating(lambda: _hold(job), name=f"{kind._meta.model_name}-{job.pk}"):
            body(job)
    except Exception as error:
        problem = explain(error)
        if isinstance(error, PlatformError):
            logger.warning("%s %s failed: %s", kind.__name__, job.pk, problem.sentence)
        else:
            logger.exception("%s %s failed", kind.__name__, job.pk)
        finish(job, state=State.FAILED, **problem.columns())
    _clear_out(kind, webinar)
    job.refresh_from_db()
    return job


def finish(job: OnDemandJob, *, state: State = State.DONE, **values: Any) -> bool:
    """End `job` with `values`, and return whether it had not been marked as interrupted."""
    ended = {"state": state, "finished_at": timezone.now(), "lease_until": None}
    return bool(_mine(job).update(**ended, **values))


def note_progress(job: OnDemandJob, **values: Any) -> None:
    """Keep what was found so far, unless `job` has been declared broken off."""
    _mine(job).update(**values)


def _all(kind: type[W]) -> QuerySet[W]:
    return kind._default_manager.all()


def _break_off_dead(kind: type[OnDemandJob], webinar: Webinar) -> None:
    now = timezone.now()
    held = _all(kind).filter(webinar=webinar, state=State.RUNNING)
    held.filter(has_passed("lease_until", now)).update(
        state=State.FAILED,
        finished_at=now,
        lease_until=None,
        error_code="job.ended",
    )


def _claim(kind: type[W], webinar: Webinar) -> W:
    now = timezone.now()
    of_webinar = _all(kind).filter(webinar=webinar)
    if not of_webinar.filter(state=State.WAITING).update(
        state=State.RUNNING, started_at=now, lease_until=now + lease.LEASE
    ):
        raise NoPendingJob
    return of_webinar.get(state=State.RUNNING)


def _mine(job: OnDemandJob) -> QuerySet[OnDemandJob]:
    return _all(type(job)).filter(pk=job.pk, state=State.RUNNING)


def _hold(job: OnDemandJob) -> None:
    if not _mine(job).update(lease_until=timezone.now() + lease.LEASE):
        raise lease.LostLease


def _clear_out(kind: type[OnDemandJob], webinar: Webinar) -> None:
    """Delete all but the newest; failures never displace results."""
    for state in (State.DONE, State.FAILED):
        ended = _all(kind).filter(webinar=webinar, state=state)
        newest = list(ended.values_list("pk", flat=True)[:KEPT])
        ended.exclude(pk__in=newest).delete()
