"""The dates of a webinar for calendar files.

A calendar identifies an event by its UID, and replaces it if the SEQUENCE is higher. So each date
keeps its first identity when it is moved and when others are removed or added; a removed date is
sent again as cancelled.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import TypedDict


class CalendarDate(TypedDict):
    """One date; times are ISO text. `changed_at` is None for an unchanged one."""

    uid: str
    start: str
    end: str
    sequence: int
    changed_at: str | None
    cancelled: bool


def follow(
    known: Sequence[CalendarDate],
    times: Iterable[Sequence[str]],
    now: dt.datetime,
    *,
    renamed: bool = False,
) -> list[CalendarDate]:
    """Return the dates of `times`, and the removed ones of `known` as cancelled.

    The same start is the same date. The nearest ones of the rest count as moved. `renamed` changes
    every date. Without changes `known` is returned.
    """
    left = {item["uid"]: item for item in known}
    found: dict[str, CalendarDate] = {}
    strange: list[tuple[str, str]] = []
    by_start = {_at(item["start"]): item for item in known}
    by_start |= {_at(item["start"]): item for item in known if not item["cancelled"]}
    for start, end in times:
        same = by_start.get(_at(start))
        if same is None or left.pop(same["uid"], None) is None:
            strange.append((start, end))
        else:
            found[same["uid"]] = _changed(same, start, end, now, renamed=renamed)
    for start, end in strange:
        moved = min(
            (item for item in left.values() if not item["cancelled"]),
            key=lambda item: abs(_at(item["start"]) - _at(start)),
            default=None,
        )
        if moved is None:
            uid = _new_uid(start, {*found, *left})
            found[uid] = CalendarDate(
                uid=uid, start=start, end=end, sequence=0, changed_at=None, cancelled=False
            )
        else:
            del left[moved["uid"]]
            found[moved["uid"]] = _changed(moved, start, end, now, renamed=renamed)
    for uid, item in left.items():
        found[uid] = item if item["cancelled"] else _cancelled(item, now)
    return sorted(found.values(), key=lambda item: (_at(item["start"]), item["uid"]))


def cancel_all(known: Sequence[CalendarDate], now: dt.datetime) -> list[CalendarDate]:
    """Return `known` as cancelled."""
    return [item if item["cancelled"] else _cancelled(item, now) for item in known]


def _at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def _changed(
    item: CalendarDate, start: str, end: str, now: dt.datetime, *, renamed: bool
) -> CalendarDate:
    before, after = (_at(item["start"]), _at(item["end"])), (_at(start), _at(end))
    if before == after and not item["cancelled"] and not renamed:
        return item
    return {
        **item,
        "start": start,
        "end": end,
        "sequence": item["sequence"] + 1,
        "changed_at": now.isoformat(),
        "cancelled": False,
    }


def _cancelled(item: CalendarDate, now: dt.datetime) -> CalendarDate:
    return {
        **item,
        "sequence": item["sequence"] + 1,
        "changed_at": now.isoformat(),
        "cancelled": True,
    }


def _new_uid(start: str, taken: set[str]) -> str:
    """Return an identity from the start, which another date may already have."""
    name = uid = f"{_at(start).astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"
    number = 2
    while uid in taken:
        uid, number = f"{name}-{number}", number + 1
    return uid
