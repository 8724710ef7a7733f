"""The admin's front page: is everything level, what is coming up, who came, what needs a hand?"""

import datetime as dt
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_q.models import Schedule

from mailings.models import Recipient
from webinars import health
from webinars.models import Connection, Registration, Webinar
from webinars.participation import LABELS, Audience, condition, counts_by_webinar

_SHOWN = 6
_BEFORE = (Audience.REGISTERED, Audience.OVERFLOW, Audience.PENDING)
_AFTER = (Audience.REGISTERED, Audience.ATTENDED, Audience.NO_SHOW)
_ROUND = "webinars.tasks.sync_round"


@dataclass(frozen=True, slots=True)
class Card:
    """A webinar as the front page shows it."""

    webinar: Webinar
    counts: list[tuple[Audience, Any, int]]
    # Of a webinar to come: seats taken of those there are, as GoTo counts; None: not known.
    taken: int | None = None
    limit: int | None = None
    # Of one that has run: attended of registered in percent, and the median stay in minutes.
    rate: int | None = None
    stayed: int | None = None


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add what the front page shows to `context`; nothing for who may not see webinars."""
    if not request.user.has_perm("webinars.view_webinar"):
        return context
    now = timezone.now()
    synced = Webinar.objects.filter(sync_enabled=True, state=Webinar.State.SCHEDULED)
    upcoming = list(synced.filter(ends_at__gte=now).order_by("starts_at")[:_SHOWN])
    past = list(synced.filter(ends_at__lt=now).order_by("-ends_at")[:_SHOWN])
    counted = counts_by_webinar(upcoming + past)
    everyone = list(synced.only("pk", "subject", "state", "sync_enabled"))
    runs = health.latest_runs(everyone)
    stands = [(webinar, health.health(webinar, runs.get(webinar.pk), now)) for webinar in everyone]
    level = sum(item.tone == "success" for _webinar, item in stands)
    oldest = min((run.started_at for run in runs.values()), default=None)
    context |= {
        "connections": Connection.objects.count(),
        "signed_out": Connection.objects.filter(state=Connection.State.SIGN_IN_NEEDED),
        "synced": len(everyone),
        "all_level": bool(everyone) and level == len(everyone),
        "said": _level_in_words(level, len(everyone), oldest, now),
        "next_round": Schedule.objects.filter(func=_ROUND, next_run__gt=now).first(),
        "troubled": [(webinar, item) for webinar, item in stands if item.tone == "danger"][:_SHOWN],
        "upcoming": [_to_come(webinar, counted[webinar.pk]) for webinar in upcoming],
        "past": _have_run(past, counted),
        "waiting": _to_act_on(now),
    }
    return context


def _level_in_words(level: int, all_of_them: int, oldest: dt.datetime | None, now: Any) -> str:
    if level < all_of_them or oldest is None:
        return _("%(level)d of %(all)d webinars level") % {"level": level, "all": all_of_them}
    said = ngettext(
        "The one webinar is level, looked at %(ago)s ago",
        "All %(count)d webinars level, the last look at each at most %(ago)s ago",
        level,
    )
    return said % {"count": level, "ago": timesince(oldest, now, depth=1)}


def _to_come(webinar: Webinar, counted: dict[Audience, int]) -> Card:
    counts = [(name, LABELS[name], counted[name]) for name in _BEFORE]
    if not webinar.registration_limit or webinar.registrants_there is None:
        return Card(webinar, counts)
    return Card(webinar, counts, webinar.registrants_there, webinar.registration_limit)


def _have_run(webinars: list[Webinar], counted: dict[int, dict[Audience, int]]) -> list[Card]:
    stays: dict[int, list[int]] = {webinar.pk: [] for webinar in webinars}
    rows = Registration.objects.filter(condition(Audience.ATTENDED), webinar__in=webinars)
    for webinar_id, seconds in rows.order_by().values_list("webinar_id", "seconds_attended"):
        stays[webinar_id].append(seconds)
    cards = []
    for webinar in webinars:
        found, stayed = counted[webinar.pk], stays[webinar.pk]
        registered, attended = found[Audience.REGISTERED], found[Audience.ATTENDED]
        cards.append(
            Card(
                webinar,
                [(name, LABELS[name], found[name]) for name in _AFTER],
                rate=round(100 * attended / max(registered, attended)) if attended else None,
                stayed=round(median(stayed) / 60) if stayed else None,
            )
        )
    return cards


def _to_act_on(now: dt.datetime) -> list[Webinar]:
    """Return webinars to come with `unwritten` (found it full and not written to) and `refused`."""
    written = Recipient.objects.filter(registration=OuterRef("pk"), state=Recipient.State.SENT)
    to_come = Q(webinar__ends_at__gt=now, webinar__state=Webinar.State.SCHEDULED)
    rows = (
        Registration.objects.filter(
            to_come, condition(Audience.OVERFLOW) | condition(Audience.REJECTED)
        )
        .annotate(written=Exists(written))
        .order_by()
        .values("webinar")
        .annotate(
            unwritten=Count("pk", filter=condition(Audience.OVERFLOW) & Q(written=False)),
            refused=Count("pk", filter=condition(Audience.REJECTED)),
        )
        .filter(Q(unwritten__gt=0) | Q(refused__gt=0))
    )
    numbers: dict[int, Any] = {row["webinar"]: row for row in rows}
    webinars: list[Any] = list(
        Webinar.objects.filter(pk__in=numbers).order_by("starts_at")[:_SHOWN]
    )
    for webinar in webinars:
        webinar.unwritten = numbers[webinar.pk]["unwritten"]
        webinar.refused = numbers[webinar.pk]["refused"]
    return webinars
