"""Parse the rows of a list one by one, so that an invalid one never affects its neighbours (rule
10).

A page that matches the contract is decoded at once. Otherwise each row is decoded by itself:
optional fields of another type are left out, and a row without a required field is skipped and
counted.
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
# What is raised when a decoded value is not what it should be.
ODD = (msgspec.DecodeError, msgspec.ValidationError, RecursionError, ValueError, OverflowError)
# No number in the contract has more digits; Python refuses to parse much longer ones.
_DIGITS = 40


class Rows(list[T]):
    """The parsed rows of a page; `skipped` rows could not be read, `partial` ones only in part."""

    def __init__(self, rows: Iterable[T] = (), *, skipped: int = 0, partial: int = 0) -> None:
        super().__init__(rows)
        self.skipped = skipped
        self.partial = partial

    @property
    def listed(self) -> int:
        """The number of rows in the response."""
        return len(self) + self.skipped


def read_rows(
    items: Any, kind: type[S], build: Callable[[S], T], *, needed: Collection[str] = ()
) -> Rows[T]:
    """Return the results of `build` for `items`, decoded as `kind`.

    A row that lacks part of a field in `needed` is kept, and counted as partial. Raises ValueError
    if `items` is no list.
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
    """Return `value` as `kind`, and the names of optional fields that were left out, at least
    partly, because they are invalid. Raises msgspec.ValidationError for an invalid required field.
    """
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
    # The values already have their types, which msgspec does not check again.
    names = {info.encode_name: info.name for info in msgspec.structs.fields(kind)}
    missing = [info for info in msgspec.structs.fields(kind) if info.required]
    if any(info.encode_name not in kept for info in missing):
        raise msgspec.ValidationError("a required field is missing")
    return kind(**{names[name]: item for name, item in kept.items()}), left_out


def _understood(raw: list[Any], info: FieldInfo) -> Any:
    """Return the valid items of the list `raw` of that field; None if it is no list."""
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
    """Return X of `list[X]` or `list[X] | None`; None for any other type."""
    options = get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (kind,)
    for option in options:
        if get_origin(option) is list:
            return get_args(option)[0]
    return None


def parse(body: bytes) -> Any:
    """Return the JSON in `body`, with any texts and numbers. Raises ValueError or RecursionError if
    it is invalid."""
    return _clean(json.loads(body.decode("utf-8", "replace"), parse_int=_int))


def _int(digits: str) -> int | str:
    return int(digits) if len(digits) <= _DIGITS else digits


def _clean(value: Any) -> Any:
    """Return `value` without what databases do not store in a text: NUL and lone surrogates."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {_clean(name): _clean(item) for name, item in value.items()}
    return value
