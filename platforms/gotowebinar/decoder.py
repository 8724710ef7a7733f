"""Decode response bodies: strictly if they match the contract, otherwise as far as possible.

A body that cannot be read raises Unreadable without its content, which may be personal data.
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
# An escaped NUL, which PostgreSQL does not store: one such name must not block a page.
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")


_DECODERS: dict[Any, msgspec.json.Decoder[Any]] = {}


def read_exactly(answer: Answer, kind: type[S], build: Callable[[S], T]) -> T:
    """Return the result of `build` for the body, which is decoded strictly as `kind`."""
    try:
        return build(_decoded(answer, kind))
    except ODD:
        # Without its cause, which would contain the body's values.
        raise Unreadable(status=answer.status) from None


def read(answer: Answer, kind: type[S], build: Callable[[S], T]) -> T:
    """Return the result of `build` for the body, decoded as `kind` without its invalid parts."""
    with suppress(Unreadable):
        return read_exactly(answer, kind, build)
    try:
        return build(rows.convert(rows.parse(answer.body), kind)[0])
    except ODD:
        raise Unreadable(status=answer.status) from None


def read_array(answer: Answer, row: type[S], build: Callable[[S], T]) -> Rows[T]:
    """Return the rows of a response that is an array."""
    kind: Any = list[row]  # type: ignore[valid-type]
    return _read_list(answer, kind, row, build, lambda w: (w, None), lambda value: (value, None))[0]


def read_numbered(
    answer: Answer, row: type[S], build: Callable[[S], T]
) -> tuple[Rows[T], int | None]:
    """Return the rows of `{data, total}`, and `total` (None if it is missing)."""
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
    """Return the rows of `{_embedded: {name: […]}, page}`, and the number of pages (None if it is
    missing).

    `_embedded` is missing for an empty list (contract). A page without rows that does not say it is
    empty counts as unreadable.
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

    `taken` finds both in the body decoded as `kind`, `found` in any body.
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
    """Return the body as `kind`. Raises the exceptions in `ODD`, and PlatformError for an error
    response."""
    if not 200 <= answer.status < 300:
        raise error_of(answer)
    if kind not in _DECODERS:
        _DECODERS[kind] = msgspec.json.Decoder(kind, strict=True)
    # Checked first: searching a page with the expression takes longer than decoding it.
    body = _NUL.sub(rb"\1", answer.body) if b"\\u0000" in answer.body else answer.body
    return _DECODERS[kind].decode(body)


def _number(value: Any) -> int | None:
    is_number = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return value if is_number else None
