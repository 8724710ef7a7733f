"""The outbox, as in tests/core/test_outbox_many.py and for longer: 80,000 events of eight writers
with random pauses, each read once by each of two readers, of whom one sometimes fails."""

import datetime as dt
import os

import pytest

from core import outbox_delivery
from core.models import OutboxDelivery, OutboxEvent
from tests.core.outbox_readers import assert_each_event_once_and_in_order, write_and_read

SECONDS = float(os.environ.get("FAULT_SECONDS", "8"))
SEED = int(os.environ.get("FAULT_SEED", "1"))
WRITERS = 8
# All of them if there is time, as in `make test-faults`.
EVENTS = 10_000 if SECONDS >= 120 else int(30 * SECONDS)


@pytest.mark.django_db(transaction=True)
def test_each_event_is_read_once_by_each_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_delivery, "FIRST_RETRY", dt.timedelta())
    for delivered in write_and_read(WRITERS, EVENTS, SEED, at_once=20):
        assert_each_event_once_and_in_order(delivered, WRITERS, EVENTS)
    assert not OutboxDelivery.objects.exists()
    assert not OutboxEvent.objects.exists()
