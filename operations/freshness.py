"""How late the work is that no one should have to wait for: one answer for probes, metrics and the
doctor.
"""

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

# Rule 1 promises a look each 15 minutes; after two that did not come, something is wrong.
SYNC_LATE = LATE_AFTER[Pace.CLOSELY]
# A registration that the pusher did not take is the sweep's within a minute.
PUSH_LATE = dt.timedelta(minutes=5)
# Jobs run each minute or less often; they wait for a free worker at times.
JOB_LATE = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Delays:
    """How long each kind of work has waited, in time since it was due; None: nothing waits.

    `webinars` are switched on and synced each quarter of an hour, `never` of them not yet.
    What waits for the platform's sign-in is not counted as late: the connection says so itself.
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
    # Those of the past wait for calls that no one else needs, so they are never late.
    due: Any = due_closely(now).filter(through("connection", IS_CONNECTED)).order_by()
    sync_times = list(due.values_list("last_synced_at", flat=True))
    found = [at for at in sync_times if at is not None]
    pending = Registration.objects.pending().filter(
        through("webinar__connection", IS_CONNECTED), through("webinar", IS_SCHEDULED)
    )
    events = WebhookEvent.objects.due(now).filter(through("connection", IS_CONNECTED))
    # The periodic jobs that are due: the one that has been so for longest.
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
    """Return the time since `moment`; none that is negative: what is due later is not late."""
    return None if moment is None else max(now - moment, dt.timedelta())
