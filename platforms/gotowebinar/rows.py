"""Reads the rows of a list one by one, so that an odd one never costs its neighbours (rule 10).

A page of the shape that the contract promises is read at once. Where anything in it is odd, each
row is read by itself: optional fields of another type are left out, and a row without what a record
cannot do without is skipped and counted.
"""

import json
import types
from collections.abc import Callable, Collection, Iterable
from typing import Any, TypeVar, Union, get_args, get_origin

import msgspec
from msgspec import Struct
from msgspec.structs import FieldInfo

T = TypeVar("T")
S = TypeVar("S", bound=Struct)
# What goes wrong when something that was read is not what it should be.
ODD = (msgspec.DecodeError, msgspec.ValidationError, RecursionError, ValueError, OverflowError)
# No number of the contract has more digits; Python refuses to read much longer ones.
_DIGITS = 40


class Rows(list[T]):
    """The rows of a page that were read; `skipped` could not be, `partial` in part alone."""

    def __init__(self, rows: Iterable[T] = (), *, skipped: int = 0, partial: int = 0) -> None:
        super().__init__(rows)
        self.skipped = skipped
        self.partial = partial

    @property
    def listed(self) -> int:
        """How many rows the platform sent."""
        return len(self) + self.skipped


def read_rows(
    items: Any, kind: type[S], build: Callable[[S], T], *, needed: Collection[str] = ()
) -> Rows[T]:
    """Return what `build` makes of each of `items`, read as `kind`.

    A row that lacks something in a field of `needed` is kept, and counted as read in part. Raises
    ValueError where `items` is no list.
    """
    if not isinstance(items, list):
        raise ValueError("no list of rows")
    rows: Rows[T] = Rows()
    for item in items:
        try:
            row, left_out = convert(item, kind)
            rows.append(build(row))
        except ODD:
            rows.skipped += 1
        else:
            rows.partial += bool(left_out & set(needed))
    return rows


def convert(value: Any, kind: type[S]) -> tuple[S, set[str]]:
    """Return `value` as `kind`, and the names of optional fields that were left out, at least in
    part, because they are odd. Raises msgspec.ValidationError where a required one is."""
    try:
        return msgspec.convert(value, kind), set()
    except msgspec.ValidationError:
        if not isinstance(value, dict):
            raise
    kept: dict[str, Any] = {}
    left_out: set[str] = set()
    for info in msgspec.structs.fields(kind):
        if info.encode_name not in value:
            continue
        raw = value[info.encode_name]
        try:
            kept[info.encode_name] = msgspec.convert(raw, info.type)
        except msgspec.ValidationError:
            if info.required:
                raise
            left_out.add(info.encode_name)
            if isinstance(raw, list):
                kept[info.encode_name] = _understood(raw, info)
    # Its values are of their types now, which msgspec does not check again.
    names = {info.encode_name: info.name for info in msgspec.structs.fields(kind)}
    missing = [info for info in msgspec.structs.fields(kind) if info.required]
    if any(info.encode_name not in kept for info in missing):
        raise msgspec.ValidationError("a required field is missing")
    return kind(**{names[name]: item for name, item in kept.items()}), left_out


def _understood(raw: list[Any], info: FieldInfo) -> Any:
    """Return those of `raw` that are what a list of that field holds; None: it is no list."""
    inner = _element(info.type)
    if inner is None:
        return None
    found = []
    for item in raw:
        try:
            is_struct = isinstance(inner, type) and issubclass(inner, Struct)
            found.append(convert(item, inner)[0] if is_struct else msgspec.convert(item, inner))
        except msgspec.ValidationError:
            continue
    return found


def _element(kind: Any) -> Any:
    """Return X of `list[X]` or `list[X] | None`; None of any other type."""
    options = get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (kind,)
    for option in options:
        if get_origin(option) is list:
            return get_args(option)[0]
    return None


def parse(body: bytes) -> Any:
    """Return the JSON in `body`, whatever its texts and numbers are. Raises ValueError or
    RecursionError where it is none."""
    return _clean(json.loads(body.decode("utf-8", "replace"), parse_int=_int))


def _int(digits: str) -> int | str:
    return int(digits) if len(digits) <= _DIGITS else digits


def _clean(value: Any) -> Any:
    """Return `value` without what no database takes in a text: NUL and half a character."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {_clean(name): _clean(item) for name, item in value.items()}
    return value
