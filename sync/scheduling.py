"""Decide which webinars are synced when.

Attendance, questions and surveys appear on the platform some time after a session, so a webinar is
synced every 15 minutes until 48 hours after its end, and once after that. People register for its
recording long after that: it is synced daily for 30 days and weekly for a year, at the lowest
priority. After that it is synced only on request, or if it runs again.
"""

import datetime as dt
import enum
from typing import Any

from django.db.models import (
    Case,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Greatest
from django.db.models.lookups import LessThan, LessThanOrEqual

from sync.models import SyncRun
from webinars.models import Registration, Webinar
from webinars.models.webinar import SETTLING

DAILY_FOR = dt.timedelta(days=30)
WEEKLY_FOR = dt.timedelta(days=365)
_LONG_AGO = dt.datetime.fromtimestamp(0, dt.UTC)
_DAY = dt.timedelta(days=1)
_WEEK = dt.timedelta(days=7)
# A failed one is retried sooner, though not every 15 minutes.
_AFTER_FAILURE = dt.timedelta(hours=6)


class Pace(enum.Enum):
    """How often a webinar is synced."""

    CLOSELY = "closely"
    DAILY = "daily"
    WEEKLY = "weekly"
    NEVER = "never"


# At this age of the last run something is wrong: three rounds were missed, or two turns at the
# lowest priority.
LATE_AFTER = {
    Pace.CLOSELY: dt.timedelta(minutes=45),
    Pace.DAILY: 2 * _DAY,
    Pace.WEEKLY: 2 * _WEEK,
}


def pace(webinar: Webinar, now: dt.datetime) -> Pace:
    """Return how often `webinar` is synced, if its sync is on and the platform has it."""
    since = over_since(webinar)
    if since is not None and since > now - SETTLING:
        return Pace.CLOSELY
    if webinar.ends_at is None:
        if not webinar.on_demand:
            return Pace.CLOSELY
        return Pace.DAILY if webinar.first_seen_at > now - WEEKLY_FOR else Pace.WEEKLY
    assert since is not None
    if since > now - DAILY_FOR:
        return Pace.DAILY
    return Pace.WEEKLY if since > now - WEEKLY_FOR else Pace.NEVER


def over_since(webinar: Webinar) -> dt.datetime | None:
    """Return when `webinar` ended, by its schedule or its sessions; None if neither is known, as
    for one on demand that no one has watched."""
    ends = (webinar.ends_at, webinar.last_session_ended_at, webinar.heard_to_run_at)
    return max((end for end in ends if end is not None), default=None)


def due_webinars(now: dt.datetime) -> QuerySet[Webinar]:
    """Return the webinars that are due at `now`, those starting soonest first.

    Their sync is on (rule 1) and the platform has them.
    """
    return _scheduled(now).filter(_is_due_closely(now) | _is_due_as_past(now)).order_by("starts_at")


def due_closely(now: dt.datetime) -> QuerySet[Webinar]:
    """Return those that are synced every 15 minutes, or for the first time."""
    return _scheduled(now).filter(_is_due_closely(now)).order_by("starts_at")


def due_past(now: dt.datetime) -> QuerySet[Webinar]:
    """Return past ones whose day or week is over, those that have waited longest first."""
    # In this order most rows are excluded before their runs are looked up.
    past: Any = _scheduled(now).exclude(_is_due_closely(now)).filter(_is_due_as_past(now))
    rows: QuerySet[Webinar] = past.order_by("last_synced_at", "pk")
    return rows


# The same as `pace`, for the database. On demand and without times: it has no known end.
_ANY_TIME = Q(ends_at__isnull=True, on_demand=True)
_TIMED = Q(ends_at__isnull=False)


def _scheduled(now: dt.datetime) -> QuerySet[Webinar]:
    """Return webinars whose sync is on, with `since`, `last_synced_at` and `last_failure`."""
    ran = Coalesce(
        Greatest(
            Coalesce("last_session_ended_at", "heard_to_run_at"),
            Coalesce("heard_to_run_at", "last_session_ended_at"),
        ),
        "ends_at",
    )
    since: Any = Case(
        When(_TIMED, then=Greatest("ends_at", ran)),
        When(on_demand=False, then=Value(now, output_field=DateTimeField())),
        default=Coalesce(ran, Value(_LONG_AGO, output_field=DateTimeField())),
        output_field=DateTimeField(),
    )
    return (
        Webinar.objects.switched_on()
        .of_synced_connections()
        .annotate(since=since, last_synced_at=_last_start(SyncRun.State.DONE))
        .alias(last_failure=_last_start(SyncRun.State.FAILED))
    )


def _last_start(state: SyncRun.State) -> Subquery:
    """Return when a webinar's last run with this state began: one row, however many runs are
    kept."""
    runs = SyncRun.objects.filter(webinar=OuterRef("pk"), state=state)
    return Subquery(runs.order_by("-started_at").values("started_at")[:1])


# Each mention of a last run is a subquery for every webinar, as slow to plan as to run, so each
# condition uses it once. Without a run, a long time ago is assumed.
_LAST_SYNC = Coalesce("last_synced_at", Value(_LONG_AGO, output_field=DateTimeField()))
_FAILURE = Coalesce("last_failure", Value(_LONG_AGO, output_field=DateTimeField()))


def _is_due_closely(now: dt.datetime) -> Q:
    settled = ExpressionWrapper(F("since") + SETTLING, DateTimeField())
    never = Value(_LONG_AGO + _DAY, output_field=DateTimeField())
    long_enough = Case(When(_TIMED, then=settled), default=never, output_field=DateTimeField())
    return Q(since__gt=now - SETTLING) | Q(LessThan(_LAST_SYNC, long_enough))


def _is_due_as_past(now: dt.datetime) -> Q:
    young = Q(first_seen_at__gt=now - WEEKLY_FOR)
    daily = Q(_TIMED, since__gt=now - DAILY_FOR) | (_ANY_TIME & young)
    weekly = Q(_TIMED, since__gt=now - WEEKLY_FOR) | _ANY_TIME
    turn = Case(
        When(daily, then=Value(now - _DAY, output_field=DateTimeField())),
        When(weekly, then=Value(now - _WEEK, output_field=DateTimeField())),
        default=Value(_LONG_AGO - _DAY, output_field=DateTimeField()),
        output_field=DateTimeField(),
    )
    tried = Value(now - _AFTER_FAILURE, output_field=DateTimeField())
    return Q(LessThanOrEqual(_LAST_SYNC, turn)) & Q(LessThanOrEqual(_FAILURE, tried))


def with_waiting_people(now: dt.datetime) -> QuerySet[Webinar]:
    """Return the upcoming webinars with a waiting list to which free seats are assigned
    automatically."""
    waits = Registration.objects.waiting().filter(webinar=OuterRef("pk"))
    return (
        Webinar.objects.upcoming(now)
        .of_synced_connections()
        .filter(Exists(waits), auto_promote=True)
        .select_related("connection")
        .soonest_first()
    )
