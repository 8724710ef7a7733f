"""Write many rows in portions, so that no other request waits for long."""

import time
from collections.abc import Iterable, Iterator

from django.db import connection

from contact_imports.mapping import Line

# Lines of a file that are written in one transaction: it takes a fraction of a second.
PORTION = 150
# Writers of SQLite look every 0.1 s whether it is their turn.
_PAUSE_SECONDS = 0.11
# Of lines that are in memory at once: those of an ordinary file have some hundred each.
_PORTION_CHARACTERS = 1_000_000


def portions(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """Yield `lines` in portions of a transaction each."""
    portion: list[Line] = []
    characters = 0
    for line in lines:
        portion.append(line)
        characters += sum(map(len, line.values.values()))
        if len(portion) == PORTION or characters > _PORTION_CHARACTERS:
            yield portion
            portion, characters = [], 0
    if portion:
        yield portion


def let_others_write() -> None:
    """Pause between two transactions: SQLite has one writer at a time, and no queue of them."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        time.sleep(_PAUSE_SECONDS)
