"""Storing a simulator's state in a file between runs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeVar

import msgspec

Held = TypeVar("Held")


def load(path: Path, kind: type[Held]) -> Held | None:
    """Return what is saved in `path`; None if there is no such file.

    Raises msgspec.DecodeError if the file contains anything else.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    return msgspec.json.decode(content, type=kind)


def save(held: object, path: Path) -> None:
    """Write `held` atomically, so that a crash leaves the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".new")
    with draft.open("wb") as file:
        file.write(msgspec.json.encode(held))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
