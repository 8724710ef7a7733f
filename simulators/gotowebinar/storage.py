"""Keeping the account in a file between runs."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from .records import Account


def load(path: Path) -> Account | None:
    """The account saved in ``path``, None when there is no such file.

    Raises msgspec.DecodeError when the file holds something else.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    return msgspec.json.decode(content, type=Account)


def save(account: Account, path: Path) -> None:
    """Write the account in one step, so that a crash leaves the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".new")
    with draft.open("wb") as file:
        file.write(msgspec.json.encode(account))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
