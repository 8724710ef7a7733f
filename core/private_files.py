"""SQLite's database is a file with people in it: no one else on the machine reads it."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

# What SQLite writes beside a database; it takes over the mode of that.
_BESIDE = ("", "-wal", "-shm", "-journal")
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def prepare_database(name: str) -> None:
    """Make the file called `name` and its folder where they are missing, for our own eyes alone.

    SQLite would make the file as everything is made here, for everyone to read as a rule. What is
    there already stays as someone has set it; `manage.py doctor` tells (`open_to_others`).
    """
    if not is_file(name):
        return
    path = Path(name)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Where it cannot be made, SQLite says so to whoever needs it.
    with suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def is_file(name: str) -> bool:
    """Return whether a database of this name is a file, and not in memory."""
    return bool(name) and ":memory:" not in name and not name.startswith("file:")


def open_to_others(name: str) -> Iterator[tuple[Path, str]]:
    """Give the files of a database, and its folder, that others on the machine may open, each with
    the mode that it should have."""
    if not is_file(name):
        return
    wanted = {Path(name + ending): "600" for ending in _BESIDE} | {Path(name).parent: "700"}
    for path, mode in wanted.items():
        with suppress(OSError):
            if path.stat().st_mode & _OTHERS:
                yield path, mode
