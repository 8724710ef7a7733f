"""How long people stayed, and how many attended in each minute."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import accumulate

from django.utils.translation import gettext as _

from core import dates
from webinars.analytics.chart import Chart, Kind
from webinars.models import Attendance, Session, Webinar

# [joined, left] in seconds since 1970, as in `Attendance.intervals`.
Stay = Sequence[float]

# The possible widths of a column of the histogram in minutes: the narrowest one with few enough
# columns is used.
_WIDTHS = (5, 10, 15, 30, 60)
_COLUMNS = 16
# How many of the latest sessions are shown.
_SESSIONS = 6
# A longer session is shown in steps of more than a minute.
_POINTS = 240


def minutes_attended(found: Counter[int]) -> Chart:
    """Return a histogram of how long people stayed.

    `found` has the number of people by whole minutes.
    """
    longest = max(found, default=0)
    width = next((w for w in _WIDTHS if longest // w < _COLUMNS), _WIDTHS[-1])
    columns: Counter[int] = Counter()
    for minutes, count in found.items():
        columns[minutes // width] += count
    return Chart(
        name="minutes",
        title=_("How long people stayed"),
        kind=Kind.BARS,
        heading=_("Minutes"),
        series=[_("People")],
        rows=[
            (f"{place * width}–{(place + 1) * width}", [columns[place]])
            for place in range(longest // width + 1)
        ]
        if found
        else [],
        empty=_("No one has attended yet."),
    )


def in_the_room(webinar: Webinar) -> Chart:
    """Return the number of attendees by minutes since the start of each session, with two
    queries."""
    sessions = list(webinar.sessions.order_by("-started_at")[:_SESSIONS])[::-1]
    stays: dict[int, list[list[Stay]]] = {session.pk: [] for session in sessions}
    rows = Attendance.objects.filter(session__in=sessions, registration__is_internal=False)
    for session_id, intervals in rows.values_list("session_id", "intervals").iterator():
        stays[session_id].append(intervals)
    curves = [
        people_by_minute(stays[item.pk], item.started_at, item.ended_at)
        for item in sessions
        if stays[item.pk]
    ]
    longest = max((len(curve) for curve in curves), default=0)
    step = longest // _POINTS + 1
    return Chart(
        name="room",
        title=_("Attendance over time"),
        kind=Kind.LINES,
        heading=_("Minute"),
        series=[_named(item, webinar) for item in sessions if stays[item.pk]],
        rows=[
            (str(minute), [curve[minute] if minute < len(curve) else None for curve in curves])
            for minute in range(0, longest, step)
        ],
        empty=_("No one has attended yet."),
        note=_("Minutes since the start of the session. Each person is counted once."),
    )


def _named(session: Session, webinar: Webinar) -> str:
    return dates.moment_at(session.started_at, webinar.zone, webinar.zone_name)


def people_by_minute(
    people: Iterable[Iterable[Stay]], start: dt.datetime, end: dt.datetime
) -> list[int]:
    """Return the number of attendees in each minute from `start` to `end`.

    `people` are the intervals of each person. Someone counts once in each minute of which they
    attended any part. Time outside of the session is left out.
    """
    first = start.timestamp()
    length = max(1, -int(-(end.timestamp() - first) // 60))
    steps = [0] * (length + 1)
    for stays in people:
        for begin, over in _whole_minutes(stays, first, length):
            steps[begin] += 1
            steps[over] -= 1
    return list(accumulate(steps[:-1]))


def _whole_minutes(stays: Iterable[Stay], first: float, length: int) -> list[tuple[int, int]]:
    """Return the minutes of one person's `stays` as spans [from, to) that do not overlap."""
    spans = sorted(
        (max(0, int((joined - first) // 60)), min(length, int((left - first) // 60) + 1))
        for joined, left in stays
    )
    spans = [(begin, over) for begin, over in spans if begin < over]
    ends = list(accumulate((over for _begin, over in spans), max))
    apart = [
        (max(begin, before), over) for (begin, over), before in zip(spans, [0, *ends], strict=False)
    ]
    return [(begin, over) for begin, over in apart if begin < over]
