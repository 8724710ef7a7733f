"""Which webinars the clock looks at."""

import datetime as dt

from django.db.models import DateTimeField, Exists, ExpressionWrapper, F, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest

from platforms.models import Connection
from sync.models import SyncRun
from webinars.models import Registration, Webinar
from webinars.models.webinar import SETTLING


def due_webinars(now: dt.datetime) -> QuerySet[Webinar]:
    """Return the webinars whose turn it is at `now`, those starting soonest first.

    Switched on (rule 1) and still on GoTo. Attendance, Q&A and surveys show up there some time
    after a session, so a webinar that is over is looked at again for 48 hours, and a last time
    after them; then it is left alone unless a person asks.
    """
    done = Q(sync_runs__state=SyncRun.State.DONE)
    ended = Greatest(
        "ends_at",
        Coalesce("last_session_ended_at", "ends_at"),
        output_field=DateTimeField(),
    )
    return (
        Webinar.objects.filter(sync_enabled=True, state=Webinar.State.SCHEDULED)
        .exclude(connection__state=Connection.State.DISCONNECTED)
        .annotate(ended=ended, last_level=Max("sync_runs__started_at", filter=done))
        .filter(
            Q(ended__isnull=True)
            | Q(ended__gt=now)
            | Q(last_level__isnull=True)
            | Q(last_level__lt=ExpressionWrapper(F("ended") + SETTLING, DateTimeField()))
        )
        .order_by("starts_at")
    )


def with_waiting_people(now: dt.datetime) -> QuerySet[Webinar]:
    """Return the webinars to come where somebody waits and comes in by themselves."""
    waits = Registration.objects.filter(webinar=OuterRef("pk"), state=Registration.State.OVERFLOW)
    return (
        Webinar.objects.filter(Exists(waits), promote_by_itself=True)
        .filter(state=Webinar.State.SCHEDULED, ends_at__gt=now)
        .exclude(connection__state=Connection.State.DISCONNECTED)
        .select_related("connection")
        .order_by("starts_at")
    )
