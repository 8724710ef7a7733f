"""Figures of the connection's page: calls against the limit, and delays of webhooks."""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.rate_limit.database import calls_since
from platforms import registry
from platforms.client_factory import CONNECTION_CALLS, call_key
from platforms.models import Connection
from sync.models import SyncRun
from webinars.models import Registration, Webinar

HOUR = 3600
PRIORITIES = {
    "interactive": _("Registrations sent"),
    "webhook": _("Read for a webhook"),
    "manual": _("Requested by a person"),
    "scheduled": _("Scheduled"),
    "backfill": _("Details and past webinars, at the lowest priority"),
}
# How many arrivals are considered, and since when at most.
_LAST = 500
_BACK = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls of the last hour by priority (name, label, count), those of all connections, and the
    platform's hourly limit; None without a limit, when calls are not counted."""

    by_priority: list[tuple[str, Any, int]]
    ours: int
    total: int
    allowed: int | None


@dataclass(frozen=True, slots=True)
class Delay:
    """How long the last `count` people who registered on the platform took to appear here."""

    count: int
    median: dt.timedelta
    nearly_all: dt.timedelta

    @property
    def median_in_words(self) -> str:
        return _in_words(self.median)

    @property
    def nearly_all_in_words(self) -> str:
        return _in_words(self.nearly_all)


def _in_words(time: dt.timedelta) -> str:
    """Return seconds up to two minutes, then minutes."""
    seconds = math.ceil(time.total_seconds())
    if seconds <= 120:
        return ngettext("%(count)d second", "%(count)d seconds", seconds) % {"count": seconds}
    minutes = math.ceil(seconds / 60)
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}


def calls_of_the_last_hour(connection: Connection, now: dt.datetime) -> Calls:
    made, key = calls_since(now.timestamp() - HOUR), call_key(connection)
    # Other systems have limits of their own.
    total = {of: calls for of, calls in made.items() if of[0].startswith(CONNECTION_CALLS)}
    per_second = registry.platform_of(connection).limits.calls_per_second
    return Calls(
        by_priority=[(name, label, made[key, name]) for name, label in PRIORITIES.items()],
        ours=sum(calls for (of, _priority), calls in made.items() if of == key),
        total=sum(total.values()),
        allowed=math.floor(per_second * HOUR) if per_second else None,
    )


def delay(connection: Connection, since: dt.datetime | None, now: dt.datetime) -> Delay | None:
    """Return the delays of people who registered on the platform since `since`; None if there are
    none.

    People from before their webinar's first sync are left out.
    """
    since = max(since or now - _BACK, now - _BACK)
    rows = Registration.objects.filter(
        webinar__connection=connection, source=Registration.Source.PLATFORM, push_attempts=0
    ).order_by("-pk")
    found = rows.values_list("webinar_id", "registered_at", "first_seen_at")[:_LAST]
    arrived = [row for row in found if row[2] >= since]
    first = _first_sync({row[0] for row in arrived})
    waits = [
        max(at - registered, dt.timedelta())
        for webinar_id, registered, at in arrived
        if webinar_id in first and registered > first[webinar_id]
    ]
    if not waits:
        return None
    return Delay(len(waits), _share(waits, 0.5), _share(waits, 0.95))


def _first_sync(webinar_ids: set[int]) -> dict[int, dt.datetime]:
    done = SyncRun.objects.done().filter(webinar=OuterRef("pk"))
    first = Subquery(done.order_by("started_at").values("started_at")[:1])
    rows = Webinar.objects.filter(pk__in=webinar_ids).order_by().annotate(first_synced_at=first)
    return dict(rows.exclude(first_synced_at=None).values_list("pk", "first_synced_at"))


def _share(waits: Sequence[dt.timedelta], share: float) -> dt.timedelta:
    """Return the time within which that share of `waits` was over."""
    return sorted(waits)[max(0, math.ceil(share * len(waits)) - 1)]
