"""The funnel from registration to staying to the end, for one webinar or several."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, F
from django.utils.translation import gettext as _

from core import dates
from core.numbers import percent
from webinars.analytics.chart import Chart, Kind
from webinars.audiences import Audience, condition, not_internal, stayed_to_the_end
from webinars.models import Registration, Webinar


@dataclass(slots=True)
class Stays:
    """The number of people by whole minutes that they stayed, and how many stayed to the end."""

    minutes: Counter[int] = field(default_factory=Counter)
    to_the_end: int = 0

    @property
    def median(self) -> int | None:
        """The median in minutes; None without any."""
        middle, before = (self.minutes.total() + 1) // 2, 0
        for minutes in sorted(self.minutes):
            before += self.minutes[minutes]
            if before >= middle:
                return minutes
        return None


@dataclass(frozen=True, slots=True)
class Funnel:
    """Numbers of people. `stayed` is the median stay of attendees in minutes."""

    submitted: int = 0
    registered: int = 0
    attended: int = 0
    to_the_end: int = 0
    stayed: int | None = None

    @property
    def rate(self) -> int | None:
        """The attendance rate in percent; None if no one attended."""
        if not self.attended:
            return None
        return round(100 * self.attended / max(self.registered, self.attended))

    @property
    def steps(self) -> list[int | None]:
        return [self.submitted, self.registered, self.attended, self.to_the_end]


def step_names() -> list[str]:
    """Return the labels of the steps, in the order of `Funnel.steps`."""
    return [_("Sign-ups"), _("Registered"), _("Attended"), _("Stayed to the end")]


def funnels(
    webinars: Sequence[Webinar], stays: Mapping[int, Stays] | None = None
) -> dict[int, Funnel]:
    """Return the funnel of each of `webinars` by id, with two queries in total.

    One query if `stays`, the result of `stays_by_webinar`, is passed.
    """
    if stays is None:
        stays = stays_by_webinar(webinars)
    # These columns are all in the index of audiences: the table is read for attendees only.
    counted = (
        Registration.objects.filter(webinar__in=webinars)
        .order_by()
        .values("webinar_id")
        .annotate(
            submitted_count=Count("state", filter=not_internal()),
            registered_count=Count("state", filter=condition(Audience.REGISTERED)),
            attended_count=Count("state", filter=condition(Audience.ATTENDED)),
        )
        .values_list("webinar_id", "submitted_count", "registered_count", "attended_count")
    )
    found = {}
    for webinar_id, submitted, registered, attended in counted:
        theirs = stays.get(webinar_id, Stays())
        found[webinar_id] = Funnel(
            submitted, registered, attended, theirs.to_the_end, theirs.median
        )
    return {webinar.pk: found.get(webinar.pk, Funnel()) for webinar in webinars}


def stays_by_webinar(webinars: Sequence[Webinar]) -> dict[int, Stays]:
    """Return how long people stayed in each of `webinars` by id, with one query."""
    attended = Registration.objects.filter(condition(Audience.ATTENDED), webinar__in=webinars)
    rows = (
        attended.order_by()
        .values_list("webinar_id", F("seconds_attended") / 60)
        .annotate(people=Count("pk"), to_the_end=Count("pk", filter=stayed_to_the_end()))
    )
    found: dict[int, Stays] = {}
    for webinar_id, minutes, people, to_the_end in rows:
        stays = found.setdefault(webinar_id, Stays())
        stays.minutes[int(minutes)] += people
        stays.to_the_end += to_the_end
    return found


def funnel_chart(webinar: Webinar, found: Funnel) -> Chart:
    """Return the funnel of one webinar as a chart."""
    return Chart(
        name="funnel",
        title=_("Funnel"),
        kind=Kind.LYING,
        heading=_("Step"),
        series=[_("People")],
        rows=_in_percent(found),
        empty=_("No one has registered yet."),
        note=_("Stayed to the end: still there within 5 minutes of the end of the session."),
    )


def _in_percent(found: Funnel) -> list[tuple[str, list[int | None]]]:
    """Return the steps of a funnel with their percentage of registered people."""
    steps = list(zip(step_names(), found.steps, strict=True))
    if not found.submitted:
        return []
    if found.submitted == found.registered:
        steps = steps[1:]
    whole = found.registered
    return [
        (f"{name} · {percent((number or 0) / whole)}" if whole and place else name, [number])
        for place, (name, number) in enumerate(steps)
    ]


def side_by_side(webinars: Sequence[Webinar], found: dict[int, Funnel]) -> Chart:
    """Return the funnels of several webinars as one chart, in the given order."""
    return Chart(
        name="funnels",
        title=_("Recent webinars compared"),
        kind=Kind.BARS,
        heading=_("Webinar"),
        series=step_names(),
        rows=[(_dated(webinar), found[webinar.pk].steps) for webinar in webinars],
        empty=_("No past webinars yet."),
    )


def _dated(webinar: Webinar) -> str:
    if webinar.starts_at is None:
        return webinar.subject
    return f"{webinar.subject}, {dates.day(webinar.starts_at)}"
