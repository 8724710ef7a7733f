"""Delete old sync runs; the last one of each webinar, and of each list, is always kept.

A year of forty webinars is more than a million runs, so they are read and deleted in portions,
oldest first: no portion reads more than itself, and other writers wait for at most one portion.
"""

import datetime as dt

from django.db.models import Exists, OuterRef, Q

from core.portions import PORTION
from sync.models import SyncRun


def delete_before(moment: dt.datetime) -> int:
    """Delete the runs that began before `moment` and return how many."""
    deleted = 0
    last: tuple[dt.datetime, int] | None = None
    while True:
        ended, last = next_portion(moment, last)
        if ended:
            deleted += SyncRun.objects.filter(pk__in=ended).delete()[0]
        if last is None:
            return deleted


def next_portion(
    moment: dt.datetime, after: tuple[dt.datetime, int] | None = None
) -> tuple[list[int], tuple[dt.datetime, int] | None]:
    """Return which of the next runs before `moment` to delete, and where to continue; None at the
    end.

    Runs are read by start and id, only those behind `after`: runs that are kept are read once.
    """
    newer = SyncRun.objects.filter(started_at__gt=OuterRef("started_at")).order_by()
    of_webinar = Exists(newer.filter(webinar=OuterRef("webinar")))
    of_list = Exists(newer.filter(webinar=None, connection=OuterRef("connection")))
    rows = SyncRun.objects.filter(started_at__lt=moment).order_by("started_at", "pk")
    if after is not None:
        start, pk = after
        rows = rows.filter(started_at__gte=start).exclude(started_at=start, pk__lte=pk)
    followed = of_webinar | (Q(webinar=None) & of_list)
    found = list(
        rows.annotate(followed=followed).values_list("pk", "started_at", "state", "followed")[
            :PORTION
        ]
    )
    ended = [pk for pk, _, state, is_old in found if is_old and state != SyncRun.State.RUNNING]
    return ended, (found[-1][1], found[-1][0]) if len(found) == PORTION else None
