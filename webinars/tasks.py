"""The entry points of the background jobs of webinars."""

from core.queue import job
from webinars import internal

# It ends before the next one begins.
_AT_MOST_SECONDS = 50


@job
def mark_internal() -> str:
    """Go on marking internal people where the list of their addresses has changed (each minute: a
    lost task or a killed worker left it)."""
    return "done" if internal.refresh_all(at_most=_AT_MOST_SECONDS) else "goes on"
