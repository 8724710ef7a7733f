"""Intervals of attendance as [joined, left] in seconds since 1970: merge and sum them."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NotRequired, TypedDict

Intervals = list[list[int]]


class Listed(TypedDict):
    """What the platform lists for one registrant in one session (`Attendance.by_registrant`)."""

    stays: Intervals
    # Set if the platform reported the duration only.
    estimated: NotRequired[bool]


def union(listed: Mapping[str, Listed]) -> Intervals:
    """Return all intervals of a person, of all their registrants."""
    stays: Intervals = []
    for part in listed.values():
        stays = merge_intervals(stays, part["stays"])
    return stays


def is_estimated(listed: Mapping[str, Listed]) -> bool:
    return any(part.get("estimated", False) for part in listed.values())


def merge_intervals(known: Sequence[Sequence[int]], more: Sequence[Sequence[int]]) -> Intervals:
    """Return the intervals of both, oldest first; of two with the same start, the longer.

    An interval in progress is longer each time it is read.
    """
    if len(known) == 1 and not more:
        # The most common case, in a fifth of the time.
        [(joined, left)] = known
        return [[joined, max(joined, left)]]
    longest: dict[int, int] = {}
    for joined, left in (*known, *more):
        longest[joined] = max(left, longest.get(joined, left), joined)
    return [[joined, longest[joined]] for joined in sorted(longest)]


def seconds_in_room(intervals: Iterable[Sequence[int]]) -> int:
    """Return the seconds covered by `intervals` (oldest first), counting overlaps once."""
    total, until = 0, 0
    for joined, left in intervals:
        total += max(0, left - max(joined, until))
        until = max(until, left)
    return total


def attended_key(session_key: str) -> str:
    """Return the key of the timeline entry about attending a session."""
    return f"attended:{session_key}"


def missed_key(webinar_key: str) -> str:
    """Return the key of the timeline entry about not attending a webinar."""
    return f"missed:{webinar_key}"


def attended_line(
    session_key: str,
    started_at: dt.datetime,
    ended_at: dt.datetime,
    intervals: Intervals,
    seconds: int,
    *,
    estimated: bool = False,
) -> tuple[dt.datetime, dict[str, Any]]:
    """Return when someone joined a session, and the data of the entry (`Activity.data`)."""
    session_seconds = max(0, int((ended_at - started_at).total_seconds()))
    first = intervals[0][0] if intervals else int(started_at.timestamp())
    last = max((left for _, left in intervals), default=first)
    share = min(1.0, seconds / session_seconds) if session_seconds else 0.0
    data: dict[str, Any] = {
        "session": session_key,
        "seconds": seconds,
        "session_seconds": session_seconds,
        "share": round(share, 4),
        "joined": first,
        "left": last,
    }
    if estimated:
        data["estimated"] = True
    return dt.datetime.fromtimestamp(first, dt.UTC), data
