"""The admin's front page: is everything in sync, what is coming up, who came, what needs a hand?"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_q.models import Schedule

from core.conditions import through
from destinations.hubspot.attention import refused_by_webinar
from destinations.models import Portal
from mailings.models import Recipient
from platforms.models import Connection
from sync import scheduling, status
from sync.models import SyncRun
from webinars.analytics.funnel import Funnel, funnels, side_by_side
from webinars.analytics.questions import unanswered_by_webinar
from webinars.analytics.registration_pace import Pace
from webinars.audiences import LABELS, Audience, condition, counts_by_webinar
from webinars.models import Registration, Webinar
from webinars.models.conditions import is_upcoming

_SHOWN = 6
_BEFORE = (Audience.REGISTERED, Audience.OVERFLOW, Audience.PENDING)
_AFTER = (Audience.REGISTERED, Audience.ATTENDED, Audience.NO_SHOW)
_ROUND = "sync.tasks.sync_round"
# Of each webinar that is synced this is read, to tell how the syncs stand.
_NEEDED = (
    "pk", "subject", "state", "sync_enabled", "connection", "on_demand", "ends_at",
    "last_session_ended_at", "heard_to_run_at", "first_seen_at",
)  # fmt: skip
# A question that stayed without an answer for longer is not held up to anybody any more.
_ANSWERED_WITHIN = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Card:
    """A webinar as the front page shows it."""

    webinar: Webinar
    counts: list[tuple[Audience, Any, int]]
    # Of a webinar to come: how it compares with earlier ones on the same day before, in words.
    pace: str = ""
    # Of one that has run.
    funnel: Funnel | None = None


@dataclass(slots=True)
class ToDo:
    """What waits for a person at one webinar, in numbers of people or questions."""

    webinar: Webinar
    unwritten: int = 0
    refused: int = 0
    unanswered: int = 0
    refused_by_hubspot: int = 0


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add what the front page shows to `context`; nothing for who may not see webinars."""
    if not request.user.has_perm("webinars.view_webinar"):
        return context
    now = timezone.now()
    synced = Webinar.objects.switched_on()
    upcoming = list(synced.upcoming(now).soonest_first()[:_SHOWN])
    past = list(synced.past(now).order_by("-ends_at")[:_SHOWN])
    counted = counts_by_webinar(upcoming + past)
    went = funnels(past)
    pace = Pace(upcoming + past)
    # A series that has begun stays among those that come up; its first day is past.
    fresh = [item for item in upcoming if item.starts_at is not None and item.starts_at >= now]
    context["title"] = _("Dashboard")
    context["hubspot"] = Portal.objects.in_trouble()
    context |= _sync_status(list(synced.only(*_NEEDED)), now)
    context |= {
        "upcoming": [
            Card(webinar, _counts(counted[webinar.pk], _BEFORE), _compared(pace, webinar, past))
            for webinar in upcoming
        ],
        "past": [
            Card(webinar, _counts(counted[webinar.pk], _AFTER), funnel=went[webinar.pk])
            for webinar in past
        ],
        "to_do": _to_do(synced, now, _refused_by_hubspot(request)),
        "charts": [
            *(pace.chart(webinar, past, timezone.localdate(now)) for webinar in fresh[:1]),
            side_by_side(past[::-1], went),
        ],
    }
    return context


def _sync_status(synced: list[Webinar], now: dt.datetime) -> dict[str, Any]:
    """Return what is in sync, what is going on, and what went wrong."""
    runs = status.latest_runs(synced)
    connections = list(Connection.objects.only("email", "organizer_key", "state", "refused_since"))
    ended = [item for item in connections if not item.is_synced]
    cut_off = {item.pk for item in ended}
    stands = [
        (webinar, status.health(webinar, runs.get(webinar.pk), now, cut_off=cut_off))
        for webinar in synced
    ]
    in_sync = sum(item.tone == "success" for _webinar, item in stands)
    looks: dict[bool, list[dt.datetime]] = {True: [], False: []}
    for webinar in synced:
        pace = scheduling.pace(webinar, now)
        if webinar.pk in runs and pace != scheduling.Pace.NEVER:
            looks[pace == scheduling.Pace.CLOSELY].append(runs[webinar.pk].started_at)
    return {
        "connections": connections,
        "refused": [item for item in connections if item.state == item.State.SIGN_IN_NEEDED],
        "ended": ended,
        "synced": len(synced),
        "all_in_sync": bool(synced) and in_sync == len(synced),
        "said": _freshness_in_words(in_sync, len(synced), looks[True], looks[False], now),
        "next_round": Schedule.objects.filter(func=_ROUND, next_run__gt=now).first(),
        "running": Webinar.objects.filter(
            Exists(SyncRun.objects.alive(now).filter(webinar=OuterRef("pk")))
        ).count(),
        "on_the_way": status.on_the_way(
            Registration.objects.filter(condition(Audience.PENDING)).count()
        ),
        "troubled": [(webinar, item) for webinar, item in stands if item.tone == "danger"][:_SHOWN],
    }


def _freshness_in_words(
    in_sync: int,
    all_of_them: int,
    closely: list[dt.datetime],
    past: list[dt.datetime],
    now: dt.datetime,
) -> str:
    """Return how many of all webinars are in sync, and by looks of which age: at those looked at
    closely, and at those of the past, which are looked at daily or weekly."""
    if in_sync < all_of_them:
        return _("%(count)d of %(all)d webinars need attention") % {
            "count": all_of_them - in_sync,
            "all": all_of_them,
        }
    if closely and past:
        said = _(
            "All %(count)d webinars are in sync. Last checked: upcoming and recent ones "
            "%(ago)s ago, past ones up to %(past)s ago"
        )
        ago, longer = (timesince(min(looks), now, depth=1) for looks in (closely, past))
        return said % {"count": in_sync, "ago": ago, "past": longer}
    oldest = min([*closely, *past], default=None)
    if oldest is None:
        said = ngettext("The webinar is in sync", "All %(count)d webinars are in sync", in_sync)
        return said % {"count": in_sync}
    if now - oldest < dt.timedelta(minutes=1):
        just = ngettext(
            "The webinar is in sync. Last checked just now",
            "All %(count)d webinars are in sync. Last checked just now",
            in_sync,
        )
        return just % {"count": in_sync}
    said = ngettext(
        "The webinar is in sync. Last checked %(ago)s ago",
        "All %(count)d webinars are in sync. Last checked %(ago)s ago",
        in_sync,
    )
    return said % {"count": in_sync, "ago": timesince(oldest, now, depth=1)}


def _counts(
    counted: dict[Audience, int], names: tuple[Audience, ...]
) -> list[tuple[Audience, Any, int]]:
    return [(name, LABELS[name], counted[name]) for name in names]


def _compared(pace: Pace, webinar: Webinar, earlier: list[Webinar]) -> str:
    """Return how `webinar` does against earlier ones on the same day before; "" without any."""
    if webinar.starts_at is None:
        return ""
    left = (timezone.localdate(webinar.starts_at) - timezone.localdate()).days
    usual = pace.usual(earlier, left)
    if usual is None or left < 0:
        return ""
    if not left:
        return _("Usual number on the day: %(usual)d") % {"usual": usual}
    said = ngettext(
        "Usual number %(days)d day before: %(usual)d",
        "Usual number %(days)d days before: %(usual)d",
        left,
    )
    return said % {"days": left, "usual": usual}


def _refused_by_hubspot(request: HttpRequest) -> dict[int, int]:
    """Return how many people HubSpot refused, by webinar; nobody for who may not see it."""
    portal = Portal.objects.connected()
    if portal is None or not request.user.has_perm("destinations.view_portal"):
        return {}
    return refused_by_webinar(portal)


def _to_do(
    synced: QuerySet[Webinar], now: dt.datetime, refused_by_hubspot: dict[int, int]
) -> list[ToDo]:
    """Return the webinars at which somebody waits: found it full, was refused, asked in vain."""
    found: dict[int, ToDo] = {}
    numbers = {row["webinar"]: row for row in _waiting_people(now)}
    waiting = {*numbers, *refused_by_hubspot}
    for webinar in Webinar.objects.filter(pk__in=waiting).order_by("starts_at"):
        row = numbers.get(webinar.pk, {"unwritten": 0, "refused": 0})
        found[webinar.pk] = ToDo(
            webinar,
            row["unwritten"],
            row["refused"],
            refused_by_hubspot=refused_by_hubspot.get(webinar.pk, 0),
        )
    since = now - _ANSWERED_WITHIN
    # However many ran since: no question is forgotten because of others. A series that goes on is
    # among them.
    ran = Q(starts_at__lte=now, ends_at__gte=since) | Q(last_session_ended_at__gte=since)
    lately = list(synced.filter(ran).order_by("-ends_at", "-pk"))
    asked = unanswered_by_webinar(lately)
    for webinar in lately:
        if webinar.pk in asked:
            found.setdefault(webinar.pk, ToDo(webinar)).unanswered = asked[webinar.pk]
    return list(found.values())


def _waiting_people(now: dt.datetime) -> Any:
    """Return rows of `webinar`, `unwritten` (found it full, not written to) and `refused`."""
    written = Recipient.objects.sent().filter(registration=OuterRef("pk"))
    to_come = through("webinar", is_upcoming(now))
    overflow, rejected = condition(Audience.OVERFLOW), condition(Audience.REJECTED)
    return (
        Registration.objects.filter(to_come, overflow | rejected)
        .annotate(written=Exists(written))
        .order_by()
        .values("webinar")
        .annotate(
            unwritten=Count("pk", filter=overflow & Q(written=False)),
            refused=Count("pk", filter=rejected),
        )
        .filter(Q(unwritten__gt=0) | Q(refused__gt=0))
    )
