"""Entry points of the background jobs of core."""

import datetime as dt

from core import outbox, outbox_delivery
from core.queue import enqueue, job

# Then others get their turn; the rest is queued again.
_TURN = dt.timedelta(seconds=30)


@job
def deliver_events(reader: str) -> int:
    """Deliver the pending events of a reader, and return how many.

    As many workers as the reader allows share the work; further ones do nothing.
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
    """Queue a worker for each reader with due deliveries: from lost tasks, killed workers and
    retries (each minute). Return for how many readers."""
    due = [item.name for item in outbox.readers() if outbox_delivery.is_due(item.name)]
    return sum(enqueue(outbox.TASK, name) for name in due)
