"""Registrations over time, and compared with earlier webinars on the same day before."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from statistics import median

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.translation import gettext as _

from core import dates
from webinars.analytics.chart import Chart, Kind
from webinars.audiences import Audience, condition, members
from webinars.models import Registration, Webinar

# More days than this are shown week by week.
_DAYS = 62
# Registrations are compared with earlier webinars for this many days before the start.
_LOOK_BACK = 42

Source = Registration.Source


def over_time(webinar: Webinar) -> Chart:
    """Return registrations by day in the reader's time zone, by source, with one query."""
    registered = members(webinar, Audience.REGISTERED).order_by()
    found: dict[dt.date, Counter[str]] = {}
    rows = registered.values("source", day=TruncDate("registered_at")).annotate(count=Count("pk"))
    for row in rows:
        found.setdefault(row["day"], Counter())[row["source"]] += row["count"]
    sources = [item for item in Source if any(day[item] for day in found.values())]
    weekly = bool(found) and (max(found) - min(found)).days > _DAYS
    return Chart(
        name="over-time",
        title=_("Registrations over time"),
        kind=Kind.STACKED,
        heading=_("Week from") if weekly else _("Day"),
        series=[str(source.label) for source in sources],
        rows=[
            (dates.day(day), [counted[source] for source in sources])
            for day, counted in _without_gaps(found, 7 if weekly else 1)
        ],
        empty=_("No one has registered yet."),
    )


def _without_gaps(
    found: dict[dt.date, Counter[str]], step: int
) -> list[tuple[dt.date, Counter[str]]]:
    """Return `found` in spans of `step` days, including empty ones."""
    if not found:
        return []
    first, last = min(found), max(found)
    spans = [Counter[str]() for _span in range((last - first).days // step + 1)]
    for day, counted in found.items():
        spans[(day - first).days // step].update(counted)
    return [(first + dt.timedelta(days=step * place), span) for place, span in enumerate(spans)]


def sources(webinar: Webinar, at_most: int = 12) -> list[tuple[str, int]]:
    """Return the sources of registrations with their numbers, most frequent first."""
    with_source = members(webinar, Audience.REGISTERED).exclude(referral_source="").order_by()
    counted = with_source.values_list("referral_source").annotate(count=Count("pk"))
    return list(counted.order_by("-count", "referral_source")[:at_most])


class Pace:
    """Registrations of webinars by days before their start, read with one query in total."""

    def __init__(self, webinars: Sequence[Webinar]) -> None:
        zone = timezone.get_current_timezone()
        starts = {
            webinar.pk: webinar.starts_at.astimezone(zone).date()
            for webinar in webinars
            if webinar.starts_at is not None
        }
        self._registered: dict[int, Counter[int]] = {pk: Counter() for pk in starts}
        rows = Registration.objects.filter(condition(Audience.REGISTERED), webinar__in=starts)
        days = rows.order_by().values("webinar_id", day=TruncDate("registered_at"))
        for row in days.annotate(count=Count("pk")):
            before = max(0, (starts[row["webinar_id"]] - row["day"]).days)
            self._registered[row["webinar_id"]][before] += row["count"]

    def by(self, webinar: Webinar, days_before: int) -> int:
        """Return how many had registered for `webinar` that many days before."""
        registered = self._registered.get(webinar.pk, Counter())
        return sum(count for before, count in registered.items() if before >= days_before)

    def usual(self, earlier: Sequence[Webinar], days_before: int) -> int | None:
        """Return the median of `by` over `earlier`; None without earlier ones."""
        known = [
            self.by(webinar, days_before) for webinar in earlier if webinar.pk in self._registered
        ]
        return round(median(known)) if known else None

    def chart(self, webinar: Webinar, earlier: Sequence[Webinar], today: dt.date) -> Chart:
        """Compare the upcoming `webinar` with `earlier` ones, a row a day before the start."""
        start = webinar.starts_at
        left = (timezone.localdate(start) - today).days if start else 0
        begun = max(self._registered.get(webinar.pk) or [0])
        first = min(max(begun, left), max(_LOOK_BACK, left))
        rows: list[tuple[str, list[int | None]]] = [
            (
                _("%(days)d days before") % {"days": before} if before else _("The day itself"),
                [
                    self.by(webinar, before) if before >= left else None,
                    self.usual(earlier, before),
                ],
            )
            for before in range(first, -1, -1)
        ]
        return Chart(
            name="pace",
            title=_("Registration pace of “%(webinar)s” vs. past webinars")
            % {"webinar": webinar.subject},
            kind=Kind.LINES,
            heading=_("Day"),
            series=[_("This webinar"), _("Earlier webinars (median)")],
            rows=rows,
            empty=_("No one has registered yet."),
        )
