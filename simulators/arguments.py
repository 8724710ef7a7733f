"""Shared command-line options of the simulators."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any, ClassVar, Protocol, Self, TypeVar


class _Dataclass(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Any]]


_Options = TypeVar("_Options", bound=_Dataclass)


class CommandLine:
    """Options that are fields of a frozen dataclass, each also an option of a command."""

    def arguments(self: _Dataclass) -> list[str]:
        """Return the command line for these options, without those that have their default."""
        words: list[str] = []
        for field in fields(self):
            value = getattr(self, field.name)
            if value == field.default:
                continue
            words.append("--" + field.name.replace("_", "-"))
            if not isinstance(value, bool):
                words.append(str(value))
        return words

    @classmethod
    def from_parsed(cls, parsed: dict[str, Any]) -> Self:
        """Return options from a parsed namespace that may contain other options (Django's)."""
        names: dict[str, Any] = cls.__dict__["__dataclass_fields__"]
        return cls(**{name: parsed[name] for name in names})

    def replaced(
        self: _Options, body: Mapping[str, Any], readers: Mapping[str, Callable[[str], Any]]
    ) -> _Options:
        """Return these options, updated with `body` as parsed by `readers`.

        Raises ValueError for an invalid value or an unknown name.
        """
        if unknown := set(body) - set(readers):
            raise ValueError(f"a reset does not take {', '.join(sorted(unknown))}")
        try:
            values = {name: readers[name](str(value)) for name, value in body.items()}
        except argparse.ArgumentTypeError as error:
            raise ValueError(str(error)) from error
        return replace(self, **values)


def count(text: str) -> int:
    """Return a whole number from 0. Raises ArgumentTypeError or ValueError for anything else."""
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text} is below zero")
    return number


def port(text: str) -> int:
    """Return the number of a port; 0 is any free one. Raises as `count` does."""
    number = count(text)
    if number > 65535:
        raise argparse.ArgumentTypeError(f"{text} is no port")
    return number


def amount(text: str) -> float:
    """Return a finite amount from 0. Raises ArgumentTypeError or ValueError for anything else."""
    number = float(text)
    if not 0 <= number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is no amount of time")
    return number
