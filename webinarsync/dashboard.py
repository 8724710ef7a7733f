"""The admin's front page: is everything in sync, what needs a hand, what is coming up, who came?"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.figures import Figure
from core.numbers import grouped, percent
from destinations.models import Portal
from mailings.models import Mailing
from platforms.models import Connection
from webinars.analytics.funnel import Funnel, funnels, side_by_side
from webinars.analytics.registration_pace import Pace
from webinars.audiences import LABELS, Audience, counts_by_webinar
from webinars.models import Webinar
from webinars.phases import Phase, phase
from webinarsync.sync_summary import summary
from webinarsync.to_do import to_do

_SHOWN = 6
# No one plans more webinars at a time.
_COUNTED = 100
_BEFORE = (Audience.REGISTERED, Audience.OVERFLOW, Audience.PENDING)
_AFTER = (Audience.REGISTERED, Audience.ATTENDED, Audience.NO_SHOW)
# What is long in a webinar and not shown.
_LONG = ("description", "calendar_dates", "form_fields", "newly_required")


@dataclass(frozen=True, slots=True)
class Card:
    """A webinar as the front page shows it."""

    webinar: Webinar
    phase: Phase
    counts: list[tuple[Audience, Any, int]]
    # Of a webinar to come: how it compares with earlier ones on the same day before, in words.
    pace: str = ""
    # Of one that has run.
    funnel: Funnel | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One of the first steps on a new installation."""

    text: str
    done: bool
    address: str


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add what the front page shows to `context`; nothing for who may not see webinars."""
    if not request.user.has_perm("webinars.view_webinar"):
        return context
    now = timezone.now()
    synced = list(Webinar.objects.switched_on().defer(*_LONG))
    all_coming = sorted((item for item in synced if item.is_to_come), key=_starts)[:_COUNTED]
    coming = all_coming[:_SHOWN]
    over = (item for item in synced if item.is_over)
    past = sorted(over, key=lambda item: item.ends_at or now, reverse=True)[:_SHOWN]
    counted = counts_by_webinar(all_coming + past)
    went = funnels(past)
    pace = Pace(coming + past)
    cards = [
        Card(
            webinar,
            phase(webinar, now),
            _counts(counted[webinar.pk], _BEFORE),
            _compared(pace, webinar, past),
        )
        for webinar in coming
    ]
    # A series that has begun is among those that come up; its first day is past.
    fresh = [item for item in coming if item.starts_at is not None and item.starts_at >= now]
    context |= {
        "title": _("Dashboard"),
        "hubspot": Portal.objects.in_trouble(),
        "sync": summary(request, synced, now),
        "steps": [] if synced else _first_steps(),
        "to_do": to_do(request, now),
        "unsynced": Webinar.objects.upcoming(now).filter(sync_enabled=False).count(),
        "figures": _figures(all_coming, counted, went),
        "live": [card for card in cards if card.phase == Phase.LIVE],
        "upcoming": [card for card in cards if card.phase != Phase.LIVE],
        "past": [
            Card(
                webinar,
                phase(webinar, now),
                _counts(counted[webinar.pk], _AFTER),
                funnel=went[webinar.pk],
            )
            for webinar in past
        ],
        "charts": [
            *(pace.chart(webinar, past, timezone.localdate(now)) for webinar in fresh[:1]),
            side_by_side(past[::-1], went),
        ],
    }
    return context


def _starts(webinar: Webinar) -> tuple[bool, dt.datetime]:
    """Return when `webinar` runs next, to sort by: those without a time are last."""
    starts = webinar.next_starts_at
    return starts is None, starts or dt.datetime.max.replace(tzinfo=dt.UTC)


def _first_steps() -> list[Step]:
    """Return what is to be done first, before any webinar is synced."""
    webinars = reverse("admin:webinars_webinar_changelist")
    return [
        Step(_("Connect GoToWebinar"), Connection.objects.exists(), reverse("platforms:connect")),
        Step(_("Turn on sync for the webinars that matter"), False, f"{webinars}?show=not-synced"),
        Step(
            _("Open a registration form and put it on your website"),
            Webinar.objects.filter(form_enabled=True).exists(),
            webinars,
        ),
        Step(
            _("Send the first email to the people of a webinar"),
            Mailing.objects.exists(),
            reverse("admin:mailings_mailing_changelist"),
        ),
    ]


def _figures(
    coming: Sequence[Webinar],
    counted: dict[int, dict[Audience, int]],
    went: dict[int, Funnel],
) -> list[Figure]:
    """Return four numbers: of the webinars to come, and of those that ran last."""
    rates = [funnel.rate for funnel in went.values() if funnel.rate is not None]
    stays = [funnel.stayed for funnel in went.values() if funnel.stayed is not None]
    of_recent = ngettext("last %(count)d webinar", "last %(count)d webinars", len(rates)) % {
        "count": len(rates)
    }
    return [
        Figure(_("Upcoming webinars"), grouped(len(coming))),
        Figure(
            _("Registered for them"),
            grouped(sum(counted[webinar.pk][Audience.REGISTERED] for webinar in coming)),
        ),
        Figure(
            _("Attendance rate"),
            percent(sum(rates) / len(rates) / 100) if rates else "–",
            of_recent if rates else "",
        ),
        Figure(
            _("Time attended"),
            _("%(count)d min") % {"count": sum(stays) / len(stays)} if stays else "–",
            of_recent if stays else "",
        ),
    ]


def _counts(
    counted: dict[Audience, int], names: tuple[Audience, ...]
) -> list[tuple[Audience, Any, int]]:
    first, *others = names
    shown = [first, *(name for name in others if counted[name])]
    return [(name, LABELS[name], counted[name]) for name in shown]


def _compared(pace: Pace, webinar: Webinar, earlier: list[Webinar]) -> str:
    """Return how `webinar` does against earlier ones on the same day before; "" without any, and
    where it is full."""
    if webinar.starts_at is None or webinar.free_seats == 0:
        return ""
    left = (timezone.localdate(webinar.starts_at) - timezone.localdate()).days
    usual = pace.usual(earlier, left)
    if usual is None or left < 0:
        return ""
    ahead = pace.by(webinar, left) - usual
    if not ahead:
        return _("As many as usual at this point")
    text = _("%(count)d ahead of usual") if ahead > 0 else _("%(count)d behind usual")
    return text % {"count": abs(ahead)}
