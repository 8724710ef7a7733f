"""The entry points of the background jobs of what all apps share."""

import datetime as dt

from core import outbox, outbox_delivery
from core.queue import enqueue, job

# Then others have their turn; what is left is asked for again.
_TURN = dt.timedelta(seconds=30)


@job
def deliver_events(reader: str) -> int:
    """Tell the reader what it has still to be told, and return how many deliveries that were.

    As many workers as it bears share the work; another has nothing to do.
    """
    found = outbox.reader_called(reader)
    if found is None or outbox_delivery.workers_of(reader) >= found.workers:
        return 0
    count = outbox_delivery.deliver(reader, at_most=_TURN)
    if count and outbox_delivery.is_due(reader):
        enqueue(outbox.TASK, reader)
    return count


@job
def deliver_due_events() -> int:
    """Ask for a worker for each reader of whom something is due: what a lost task or a killed
    worker left, and what is tried again (each minute). Return for how many readers that was."""
    due = [item.name for item in outbox.readers() if outbox_delivery.is_due(item.name)]
    return sum(enqueue(outbox.TASK, name) for name in due)
