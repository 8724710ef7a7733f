"""The platforms of this installation, by the name that a connection stores."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from platforms.contract import Platform

# The default platform of connections.
DEFAULT = "gotowebinar"

_platforms: dict[str, Platform] = {}


class _OfPlatform(Protocol):
    """A connection."""

    platform: str


def register(platform: Platform) -> None:
    """Register `platform`. Raises ValueError if its keys could be another platform's."""
    for other in _platforms.values():
        if other.name != platform.name and other.key_prefix == platform.key_prefix:
            raise ValueError(f"{platform.name} and {other.name} have the same prefix of keys.")
    _platforms[platform.name] = platform


@contextmanager
def register_temporarily(platform: Platform) -> Iterator[Platform]:
    """Register `platform` while the block runs."""
    before = _platforms.get(platform.name)
    register(platform)
    try:
        yield platform
    finally:
        del _platforms[platform.name]
        if before is not None:
            _platforms[platform.name] = before


def platform_named(name: str) -> Platform:
    """Return the platform `name`. Raises LookupError if it is not registered."""
    if name not in _platforms:
        raise LookupError(f"There is no platform {name} here: it was removed from PLATFORMS.")
    return _platforms[name]


def platform_of(connection: _OfPlatform) -> Platform:
    """Return the platform of `connection`. Raises LookupError, as `platform_named`."""
    return platform_named(connection.platform)


def platforms() -> list[Platform]:
    """Return all platforms in the order of their registration."""
    return list(_platforms.values())
