"""Which webinars the clock looks at, and how often.

Attendance, questions and surveys show up on the platform some time after a session, so a webinar is
looked at each quarter of an hour until 48 hours after its end, and again then. People register
for its recording long after that: it is looked at daily for 30 days and weekly for a year, with
calls that no one else needs. After that it is left alone unless a person asks, or it runs again.
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
# One that failed is tried again sooner, though not with each round.
_AFTER_FAILURE = dt.timedelta(hours=6)


class Pace(enum.Enum):
    """How often the clock looks at a webinar."""

    CLOSELY = "closely"
    DAILY = "daily"
    WEEKLY = "weekly"
    NEVER = "never"


# At this age a webinar's last run says that something is wrong: three rounds did not come, or two
# turns of what waits for calls that no one else needs.
LATE_AFTER = {
    Pace.CLOSELY: dt.timedelta(minutes=45),
    Pace.DAILY: 2 * _DAY,
    Pace.WEEKLY: 2 * _WEEK,
}


def pace(webinar: Webinar, now: dt.datetime) -> Pace:
    """Return how often the clock looks at `webinar`, where it is switched on and on the
    platform."""
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
    """Return when `webinar` ended, by its schedule or by what has run; None where neither is
    known, as of one on demand that no one has watched."""
    ends = (webinar.ends_at, webinar.last_session_ended_at, webinar.heard_to_run_at)
    return max((end for end in ends if end is not None), default=None)


def due_webinars(now: dt.datetime) -> QuerySet[Webinar]:
    """Return the webinars whose turn it is at `now`, those starting soonest first.

    Switched on (rule 1) and still on the platform.
    """
    return _scheduled(now).filter(_is_due_closely(now) | _is_due_as_past(now)).order_by("starts_at")


def due_closely(now: dt.datetime) -> QuerySet[Webinar]:
    """Return those that are looked at each quarter of an hour, or for the first time."""
    return _scheduled(now).filter(_is_due_closely(now)).order_by("starts_at")


def due_past(now: dt.datetime) -> QuerySet[Webinar]:
    """Return those of the past whose day or week is over, whoever waits longest first."""
    # In this order most rows are left out before their runs are looked up.
    past: Any = _scheduled(now).exclude(_is_due_closely(now)).filter(_is_due_as_past(now))
    rows: QuerySet[Webinar] = past.order_by("last_synced_at", "pk")
    return rows


# The same as `pace`, for the database. On demand and without times: nothing says when it is over.
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
    """Return when a webinar's last run that ended so began: one row, however many runs are kept."""
    runs = SyncRun.objects.filter(webinar=OuterRef("pk"), state=state)
    return Subquery(runs.order_by("-started_at").values("started_at")[:1])


# Each mention of a last run is a query of its own for the database, for every webinar, and takes as
# long to plan as to run: so each condition names it once. One that never ran ran long ago.
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
    """Return the webinars to come where someone waits and comes in by themselves."""
    waits = Registration.objects.waiting().filter(webinar=OuterRef("pk"))
    return (
        Webinar.objects.upcoming(now)
        .of_synced_connections()
        .filter(Exists(waits), auto_promote=True)
        .select_related("connection")
        .soonest_first()
    )
