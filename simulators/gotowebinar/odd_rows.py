"""Odd rows: single rows of a list that are sent with changes, until cleared."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .changes import find_person, find_room
from .goto import GoTo, Room
from .records import OddRow, Registrant
from .shapes import Shape, encode

LISTS = (
    "webinars", "registrants", "registrant", "sessions", "attendees", "questions", "polls",
    "surveys", "fields", "panelists", "coorganizers",
)  # fmt: skip
TAKEN_AWAY = "remove"


def set_odd_row(goto: GoTo, body: Mapping[str, Any]) -> object:
    """``{list, change, webinar?, at?, email? | registrantKey?}``: whenever this list is answered,
    for every webinar or for one, merge ``change`` into the row at index ``at`` (0; negative from
    the end), or into every row of the person named. A null is sent as null, and ``{"remove":
    [names]}`` removes fields. ``{list, clear: true}`` ends it, ``{clear: true}`` for all lists.

    ``registrant`` are the details; the index is that in the list of registrants. ``fields`` are the
    form's fields followed by its custom questions; ``questions`` are those asked in a session.
    ``polls`` and ``surveys`` are the summaries of a session and the answers of an attendee; with a
    person named, only the latter.
    """
    name = body.get("list")
    if name not in LISTS and not (name is None and body.get("clear")):
        raise ValueError(f"list is one of {', '.join(LISTS)}")
    room = find_room(goto, body) if "webinar" in body else None
    webinar_key = room.webinar.key if room else None
    odd_rows = goto.account.odd_rows
    if body.get("clear"):
        odd_rows[:] = [
            odd
            for odd in odd_rows
            if (name is not None and odd.list_name != name)
            or (room is not None and odd.webinar_key != webinar_key)
        ]
    else:
        odd = OddRow(str(name), _change(body["change"]), webinar_key, int(body.get("at", 0)))
        if "email" in body or "registrantKey" in body:
            if room is None:
                raise ValueError("a person is one of a webinar: name it")
            odd.registrant_key = find_person(room, body, room.webinar.all_people()).key
        place = _place(odd)
        odd_rows[:] = [*(other for other in odd_rows if _place(other) != place), odd]
    goto.revision += 1
    return {"odd_rows": len(odd_rows)}


def _place(odd: OddRow) -> tuple[object, ...]:
    return odd.list_name, odd.webinar_key, odd.registrant_key or odd.at, odd.registrant_key


def _change(change: object) -> str:
    names = change.get(TAKEN_AWAY, []) if isinstance(change, dict) else None
    if not isinstance(names, list):
        raise ValueError('change is an object; "remove" in it is a list of names')
    # Stored as text: a state file cannot contain every number that JSON can.
    return json.dumps(change)


def with_odd_rows(
    goto: GoTo,
    name: str,
    rows: Sequence[Shape],
    webinar_key: int,
    person_key: int | None = None,
) -> list[bytes]:
    """Like `apply_odd_rows`, for rows that are not JSON yet."""
    return apply_odd_rows(goto, name, [encode(row) for row in rows], webinar_key, person_key)


def odd_detail(goto: GoTo, room: Room, person: Registrant, detail: bytes) -> bytes:
    """Like `apply_odd_rows`, for the details of one registrant."""
    if not goto.account.odd_rows:
        return detail
    listed = room.webinar.registrants
    places = (at for at, other in enumerate(listed) if other is person)
    # A person who is not on the list has no index.
    start = next(places, len(listed) + 1)
    found = apply_odd_rows(
        goto, "registrant", [detail], room.webinar.key, start=start, total=len(listed)
    )
    return found[0]


def apply_odd_rows(
    goto: GoTo,
    name: str,
    rows: list[bytes],
    webinar_key: int | None = None,
    person_key: int | None = None,
    *,
    start: int = 0,
    total: int | None = None,
) -> list[bytes]:
    """Return the JSON rows of a list with the changes requested by control calls.

    ``webinar_key`` and ``person_key`` identify the owner if all rows have the same; otherwise the
    rows themselves do. The rows may be the part of a longer list that begins at ``start``.
    """
    wanted = [
        odd
        for odd in goto.account.odd_rows
        if odd.list_name == name and (webinar_key is None or odd.webinar_key in (None, webinar_key))
    ]
    if not wanted:
        return rows
    plain: list[Shape] = [json.loads(row) for row in rows]
    sent = list(rows)
    for odd in wanted:
        for index in _indexes(odd, plain, webinar_key, person_key, start, total):
            sent[index] = _merged(sent[index], json.loads(odd.change))
    return sent


def _indexes(
    odd: OddRow,
    plain: list[Shape],
    webinar_key: int | None,
    person_key: int | None,
    start: int,
    total: int | None,
) -> Iterator[int]:
    """Return the indexes of the rows that ``odd`` applies to."""
    theirs = [
        index
        for index, row in enumerate(plain)
        if odd.webinar_key in (None, webinar_key) or _is_key(row["webinarKey"], odd.webinar_key)
    ]
    if odd.registrant_key is not None:
        for index in theirs:
            row = plain[index]
            key = person_key or row.get("registrantKey") or row.get("askerKey")
            if _is_key(key, odd.registrant_key):
                yield index
        return
    length = len(theirs) if total is None else total
    at = (odd.at if odd.at >= 0 else odd.at + length) - start
    if 0 <= at < len(theirs):
        yield theirs[at]


def _is_key(value: object, key: int | None) -> bool:
    """Keys are numbers in some rows and strings in others."""
    return str(value) == str(key)


def _merged(row: bytes, change: dict[str, Any]) -> bytes:
    names = change.pop(TAKEN_AWAY, [])
    merged = {**json.loads(row), **change}
    left = {name: value for name, value in merged.items() if name not in names}
    return json.dumps(left).encode()
