"""Helpers between Starlette and the simulated account: answers, pages, parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from . import errors
from .goto import GoTo
from .options import parse_moment
from .records import Interval
from .shapes import encode

DEFAULT_SIZE = 20
MOST_A_PAGE = 200


def goto_of(request: Request) -> GoTo:
    """Return the account of this server."""
    goto: GoTo = request.app.state.goto
    return goto


def answer(body: object, status: int = 200) -> Response:
    """Return ``body`` as JSON."""
    return raw(encode(body), status)


def raw(body: bytes, status: int = 200) -> Response:
    """Return encoded JSON as a response."""
    return Response(body, status, media_type="application/json")


def array(rows: Sequence[bytes]) -> bytes:
    """Return a JSON array of encoded rows."""
    return b"[" + b",".join(rows) + b"]"


def page_and_size(request: Request, size_name: str = "size") -> tuple[int, int]:
    """Return the requested page and its size. Raises Refusal (400); the maximum is 200
    [contract]."""
    page = _number(request, "page", 0)
    size = _number(request, size_name, DEFAULT_SIZE)
    if page < 0 or not 1 <= size <= MOST_A_PAGE:
        raise errors.bad_request(f"page counts from 0, {size_name} is 1 to {MOST_A_PAGE}")
    return page, size


def paged(request: Request, name: str, rows: Sequence[bytes]) -> Response:
    """Return one page of ``rows`` as ``{_embedded: {name: […]}, page}``.

    ``_embedded`` is missing if the page is empty: seen, though the contract requires it.
    """
    page, size = page_and_size(request)
    total = len(rows)
    shown = rows[page * size : (page + 1) * size]
    facts = encode(
        {
            "size": size,
            "totalElements": total,
            "totalPages": -(-total // size),
            "number": page,
        }
    )
    if not shown:
        return raw(b'{"page":' + facts + b"}")
    embedded = encode(name) + b":" + array(shown)
    return raw(b'{"_embedded":{' + embedded + b'},"page":' + facts + b"}")


def time_range(request: Request, *, required: bool = True) -> Interval | None:
    """Return fromTime and toTime. Raises Refusal (400) if missing or not ISO 8601."""
    texts = [request.query_params.get(name) for name in ("fromTime", "toTime")]
    if None in texts and not required:
        return None
    try:
        first, last = (parse_moment(text or "") for text in texts)
    except ValueError as error:
        raise errors.bad_request("fromTime and toTime are required, ISO 8601 in UTC") from error
    if first > last:
        raise errors.bad_request("fromTime is after toTime")
    return first, last


async def json_body(request: Request) -> Any:
    """Return the body's JSON. Raises Refusal (400) if it is not JSON."""
    try:
        return msgspec.json.decode(await request.body())
    except msgspec.DecodeError as error:
        raise errors.bad_request("The body is no JSON") from error


async def json_object(request: Request) -> dict[str, Any]:
    """Return the body's JSON object. Raises Refusal (400) for anything else."""
    body = await json_body(request)
    if not isinstance(body, dict):
        raise errors.bad_request("The body is no JSON object")
    return body


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    try:
        return int(text)
    except ValueError as error:
        raise errors.bad_request(f"{name} is no number") from error
