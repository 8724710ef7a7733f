"""Keep the SQLite database, which holds personal data, private to the user of the process."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

# The files that SQLite creates beside a database, with the same mode.
_BESIDE = ("", "-wal", "-shm", "-journal")
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def prepare_database(name: str) -> None:
    """Create the file called `name` and its folder if they are missing, readable only by us.

    SQLite would create the file with the default mode, usually readable by everyone. Existing files
    keep their mode; `manage.py doctor` reports them (`open_to_others`).
    """
    if not is_file(name):
        return
    path = Path(name)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # If it cannot be created, SQLite reports that to whoever needs it.
    with suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def is_file(name: str) -> bool:
    """Return whether a database of this name is a file, not in memory."""
    return bool(name) and ":memory:" not in name and not name.startswith("file:")


def open_to_others(name: str) -> Iterator[tuple[Path, str]]:
    """Yield the files of a database, and its folder, that others on the machine can open, each with
    the mode that it should have."""
    if not is_file(name):
        return
    wanted = {Path(name + ending): "600" for ending in _BESIDE} | {Path(name).parent: "700"}
    for path, mode in wanted.items():
        with suppress(OSError):
            if path.stat().st_mode & _OTHERS:
                yield path, mode
