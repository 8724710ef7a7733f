"""Reads bodies: at once where they are as the contract has them, else as far as they can be.

Whatever cannot be read at all raises Unreadable, without a word of it: it may hold people.
"""

import re
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Any, TypeVar

import msgspec

from platforms.errors import Unreadable
from platforms.gotowebinar import rows, schemas
from platforms.gotowebinar.answer import Answer
from platforms.gotowebinar.error_responses import error_of
from platforms.gotowebinar.rows import ODD, Rows

T = TypeVar("T")
S = TypeVar("S", bound=msgspec.Struct)
# An escaped NUL, which PostgreSQL takes in no text: one such name must not hold up a page.
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")


_DECODERS: dict[Any, msgspec.json.Decoder[Any]] = {}


def read_exactly(answer: Answer, kind: type[S], build: Callable[[S], T]) -> T:
    """Return what `build` makes of the body, which is `kind` in every field."""
    try:
        return build(_decoded(answer, kind))
    except ODD:
        # Without its cause: that names what the answer holds.
        raise Unreadable(status=answer.status) from None


def read(answer: Answer, kind: type[S], build: Callable[[S], T]) -> T:
    """Return what `build` makes of the body, read as `kind` without what is odd in it."""
    with suppress(Unreadable):
        return read_exactly(answer, kind, build)
    try:
        return build(rows.convert(rows.parse(answer.body), kind)[0])
    except ODD:
        raise Unreadable(status=answer.status) from None


def read_array(answer: Answer, row: type[S], build: Callable[[S], T]) -> Rows[T]:
    """Return the rows of an answer that is an array."""
    kind: Any = list[row]  # type: ignore[valid-type]
    return _read_list(answer, kind, row, build, lambda w: (w, None), lambda value: (value, None))[0]


def read_numbered(
    answer: Answer, row: type[S], build: Callable[[S], T]
) -> tuple[Rows[T], int | None]:
    """Return the rows of `{data, total}`, and `total` (None: it is not told)."""
    kind: Any = schemas.NumberedPage[row]  # type: ignore[valid-type]
    return _read_list(
        answer,
        kind,
        row,
        build,
        lambda w: (w.data, w.total),
        lambda value: (value["data"], _number(value.get("total"))),
    )


def read_embedded(
    answer: Answer,
    row: type[S],
    build: Callable[[S], T],
    name: str,
    *,
    needed: Collection[str] = (),
    paged: bool = True,
) -> tuple[Rows[T], int | None]:
    """Return the rows of `{_embedded: {name: […]}, page}`, and how many pages there are (None: it
    is not told).

    `_embedded` is missing where there are none (contract). A page that says otherwise, or says
    nothing, is unreadable rather than empty.
    """

    def taken(w: Any) -> tuple[Any, int | None]:
        if w.embedded is None:
            if paged and (w.page is None or w.page.totalElements != 0):
                raise ValueError("rows are missing")
            return [], 0
        return w.embedded[name], w.page.totalPages if w.page else None

    def found(value: Any) -> tuple[Any, int | None]:
        page = value.get("page")
        block = page if isinstance(page, dict) else {}
        if value.get("_embedded") is None:
            if paged and _number(block.get("totalElements")) != 0:
                raise ValueError("rows are missing")
            return [], 0
        return value["_embedded"][name], _number(block.get("totalPages"))

    kind: Any = schemas.EmbeddedPage[row]  # type: ignore[valid-type]
    return _read_list(answer, kind, row, build, taken, found, needed)


def _read_list(
    answer: Answer,
    kind: Any,
    row: type[S],
    build: Callable[[S], T],
    taken: Callable[[Any], tuple[Any, int | None]],
    found: Callable[[Any], tuple[Any, int | None]],
    needed: Collection[str] = (),
) -> tuple[Rows[T], int | None]:
    """Return the rows of a page and the number that comes with them.

    `taken` finds both in the body read as `kind`, `found` in any body.
    """
    try:
        items, count = taken(_decoded(answer, kind))
        return Rows(build(item) for item in items), count
    except (*ODD, KeyError):
        pass
    try:
        items, count = found(rows.parse(answer.body))
        return rows.read_rows(items, row, build, needed=needed), count
    except (*ODD, KeyError, TypeError, AttributeError):
        raise Unreadable(status=answer.status) from None


def _decoded(answer: Answer, kind: Any) -> Any:
    """Return the body as `kind`. Raises what `ODD` names, and PlatformError for an error's
    answer."""
    if not 200 <= answer.status < 300:
        raise error_of(answer)
    if kind not in _DECODERS:
        _DECODERS[kind] = msgspec.json.Decoder(kind, strict=True)
    # Looked for first: to search a page by the expression takes longer than to read it.
    body = _NUL.sub(rb"\1", answer.body) if b"\\u0000" in answer.body else answer.body
    return _DECODERS[kind].decode(body)


def _number(value: Any) -> int | None:
    is_number = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return value if is_number else None
