"""Entry points of the background jobs of webinars."""

from core.queue import job
from webinars import internal

# It ends before the next one begins.
_AT_MOST_SECONDS = 50


@job
def mark_internal() -> str:
    """Continue marking internal people after their addresses changed (each minute, after lost tasks
    and killed workers)."""
    return "done" if internal.refresh_all(at_most=_AT_MOST_SECONDS) else "goes on"
