"""How late work is that should not have to wait: for health checks, metrics and the doctor."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Min
from django_q.models import Schedule

from core.conditions import through
from operations.schedules import JOBS
from platforms.models import WebhookEvent
from platforms.models.conditions import IS_CONNECTED
from sync.scheduling import LATE_AFTER, Pace, due_closely
from webinars.models import Registration
from webinars.models.conditions import IS_SCHEDULED

# Rule 1 promises a sync every 15 minutes; after two missed ones, something is wrong.
SYNC_LATE = LATE_AFTER[Pace.CLOSELY]
# The sweep pushes within a minute what the pushers missed.
PUSH_LATE = dt.timedelta(minutes=5)
# Jobs run each minute or less often, and sometimes wait for a free worker.
JOB_LATE = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Delays:
    """How long each kind of work has been due; None if nothing waits.

    `webinars` are synced every 15 minutes, `never` of them were not synced yet. What waits for a
    sign-in does not count as late: the connection has that state.
    """

    webinars: int
    never: int
    sync: dt.timedelta | None
    push: dt.timedelta | None
    event: dt.timedelta | None
    job: dt.timedelta | None

    @property
    def sync_is_late(self) -> bool:
        return self.sync is not None and self.sync > SYNC_LATE

    @property
    def push_is_late(self) -> bool:
        waits = [wait for wait in (self.push, self.event) if wait is not None]
        return bool(waits) and max(waits) > PUSH_LATE

    @property
    def job_is_late(self) -> bool:
        return self.job is None or self.job > JOB_LATE


def delays(now: dt.datetime) -> Delays:
    """Return how late the work is at `now`. Four short queries."""
    # Past webinars are synced at the lowest priority, so they are never late.
    due: Any = due_closely(now).filter(through("connection", IS_CONNECTED)).order_by()
    sync_times = list(due.values_list("last_synced_at", flat=True))
    found = [at for at in sync_times if at is not None]
    pending = Registration.objects.pending().filter(
        through("webinar__connection", IS_CONNECTED), through("webinar", IS_SCHEDULED)
    )
    events = WebhookEvent.objects.due(now).filter(through("connection", IS_CONNECTED))
    # The periodic job that has been due for the longest time.
    jobs = Schedule.objects.filter(func__in=[job.function for job in JOBS])
    return Delays(
        webinars=len(sync_times),
        never=len(sync_times) - len(found),
        sync=_since(min(found, default=None), now),
        push=_since(pending.aggregate(at=Min("next_push_at"))["at"], now),
        event=_since(events.aggregate(at=Min("next_try_at"))["at"], now),
        job=_since(jobs.aggregate(at=Min("next_run"))["at"], now),
    )


def _since(moment: dt.datetime | None, now: dt.datetime) -> dt.timedelta | None:
    """Return the time since `moment`, at least zero: what is due later is not late."""
    return None if moment is None else max(now - moment, dt.timedelta())
