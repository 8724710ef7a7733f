"""What the dashboard asks people to do at each webinar, and marking it as done."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from core.conditions import through
from destinations.hubspot.attention import (
    failing_forms,
    refused_by_webinar,
    undecided_by_webinar,
)
from destinations.models import Portal
from mailings.models import Recipient
from webinars.analytics.questions import mark_answered, questions, unanswered_by_webinar
from webinars.audiences import Audience, condition
from webinars.models import Dismissal, Registration, Webinar
from webinars.models.conditions import is_upcoming

# What was asked long before the webinar was connected is history, and asks no one for anything.
_HISTORY = dt.timedelta(days=30)


class Kind(StrEnum):
    """What waits for a person; the value is kept and is in addresses."""

    WAITING = "waiting"
    REJECTED = "rejected"
    REFUSED_BY_HUBSPOT = "hubspot"
    HUBSPOT_EVENTS = "hubspot-events"
    HUBSPOT_FORMS = "hubspot-forms"
    QUESTIONS = "questions"


# Text by number, button, and the page of the webinar that it leads to.
_HUBSPOT: Mapping[Kind, tuple[Any, Any, str]] = {
    Kind.REFUSED_BY_HUBSPOT: (
        ngettext_lazy(
            "%(count)d person was refused by HubSpot",
            "%(count)d people were refused by HubSpot",
            "count",
        ),
        gettext_lazy("See why"),
        "destinations:webinar_in_hubspot",
    ),
    Kind.HUBSPOT_EVENTS: (
        ngettext_lazy(
            "%(count)d date has a marketing event in HubSpot already",
            "%(count)d dates have a marketing event in HubSpot already",
            "count",
        ),
        gettext_lazy("Choose"),
        "destinations:webinar_in_hubspot",
    ),
    Kind.HUBSPOT_FORMS: (
        ngettext_lazy(
            "%(count)d HubSpot form cannot be read: no one is registered from it",
            "%(count)d HubSpot forms cannot be read: no one is registered from them",
            "count",
        ),
        gettext_lazy("See why"),
        "destinations:hubspot_forms",
    ),
}


@dataclass(frozen=True, slots=True)
class ToDo:
    """A line: how many people or questions wait at a webinar, and the button that deals with it.

    With `posts`, the button sends a form to `address`.
    """

    webinar: Webinar
    kind: Kind
    count: int
    text: str
    button: str
    address: str
    posts: bool = False


def to_do(request: HttpRequest, now: dt.datetime) -> list[ToDo]:
    """Return what waits, by when the webinars are; nothing that was marked as done since."""
    numbers = dict(_numbers(request, now))
    keys = {webinar_id for webinar_id, _kind in numbers}
    webinars = Webinar.objects.in_bulk(keys)
    done = {
        (row.webinar_id, row.kind): row.count for row in Dismissal.objects.filter(webinar__in=keys)
    }
    lines = [
        _line(request, webinars[webinar_id], kind, count)
        for (webinar_id, kind), count in numbers.items()
        if webinar_id in webinars and count > done.get((webinar_id, kind.value), 0)
    ]
    return sorted(lines, key=lambda line: (line.webinar.starts_at or now, line.webinar.pk))


def mark_done(webinar: Webinar, kind: Kind, user_id: int | None, count: int) -> None:
    """Mark an item as done: its questions count as answered, and so many people as handled."""
    if kind == Kind.QUESTIONS:
        mark_answered(questions(webinar))
        return
    Dismissal.objects.update_or_create(
        webinar=webinar,
        kind=kind.value,
        defaults={"count": count, "dismissed_by_id": user_id},
    )


def _numbers(request: HttpRequest, now: dt.datetime) -> Iterator[tuple[tuple[int, Kind], int]]:
    for row in _waiting_people(now):
        yield (row["webinar"], Kind.WAITING), row["unwritten"]
        yield (row["webinar"], Kind.REJECTED), row["refused"]
    portal = Portal.objects.connected()
    if portal is not None and request.user.has_perm("destinations.view_portal"):
        for webinar_id, count in refused_by_webinar(portal).items():
            yield (webinar_id, Kind.REFUSED_BY_HUBSPOT), count
        for webinar_id, count in undecided_by_webinar(portal).items():
            yield (webinar_id, Kind.HUBSPOT_EVENTS), count
        forms = Counter(form.webinar_id for form in failing_forms(portal, now))
        for webinar_id, count in forms.items():
            yield (webinar_id, Kind.HUBSPOT_FORMS), count
    asked = unanswered_by_webinar()
    news = Webinar.objects.switched_on().filter(
        Q(ends_at__isnull=True) | Q(ends_at__gte=F("first_seen_at") - _HISTORY), key__in=asked
    )
    for webinar_id, key in news.values_list("pk", "key"):
        yield (webinar_id, Kind.QUESTIONS), asked[key]


def _waiting_people(now: dt.datetime) -> Any:
    """Return rows of `webinar`, `unwritten` (on the waiting list, not emailed) and `refused`."""
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


def _line(request: HttpRequest, webinar: Webinar, kind: Kind, count: int) -> ToDo:
    named = {"count": count}
    if kind == Kind.WAITING:
        text = ngettext(
            "%(count)d person on the waiting list hasn't been emailed",
            "%(count)d people on the waiting list haven't been emailed",
            count,
        )
        if request.user.has_perm("mailings.add_mailing"):
            button = ngettext("Email %(count)d person", "Email %(count)d people", count) % named
            address = reverse("mailings:write_to_audience", args=[webinar.pk, Audience.OVERFLOW])
            return ToDo(webinar, kind, count, text % named, button, address, posts=True)
        address = reverse("webinars:audience", args=[webinar.pk, Audience.OVERFLOW])
        return ToDo(webinar, kind, count, text % named, _("See them"), address)
    if kind == Kind.REJECTED:
        text = ngettext(
            "%(count)d registration was rejected by GoToWebinar",
            "%(count)d registrations were rejected by GoToWebinar",
            count,
        )
        button = ngettext("Fix %(count)d registration", "Fix %(count)d registrations", count)
        address = reverse("registration_forms:repair", args=[webinar.pk])
        if not request.user.has_perm("webinars.change_registration"):
            button = _("See them")
            address = reverse("webinars:audience", args=[webinar.pk, Audience.REJECTED])
        return ToDo(webinar, kind, count, text % named, button % named, address)
    if kind in _HUBSPOT:
        text, button, page = _HUBSPOT[kind]
        return ToDo(webinar, kind, count, text % named, button, reverse(page, args=[webinar.pk]))
    text = ngettext("%(count)d unanswered question", "%(count)d unanswered questions", count)
    address = f"{reverse('webinars:questions', args=[webinar.pk])}?show=unanswered"
    return ToDo(webinar, kind, count, text % named, _("Reply"), address)
