"""The task queue does not respond: what a table holds is stored and runs later."""

import logging
import time
from typing import Any

import pytest
from django.db import connections
from django_q.models import OrmQ

from core import queue
from platforms.models import Connection
from platforms.tasks import queue_webhooks
from sync.queue import queue_lists, queue_push, queue_sync
from webinars.models import Webinar


@pytest.mark.django_db
def test_nothing_that_a_table_stores_fails(
    queue_away: object, connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        queue_push()
        queue_webhooks()
        assert not queue.hint("mailings.tasks.send", 1)
        assert queue_lists() == 0
    assert len(caplog.records) == 4
    assert not OrmQ.objects.exists()


@pytest.mark.django_db
def test_it_is_waited_for_once_however_many_webinars_are_asked_for(
    queue_away: object, connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    webinars = Webinar.objects.filter(connection=connection)
    assert webinars.count() > 1
    with caplog.at_level(logging.WARNING):
        assert queue_sync(webinars) == 0
    assert len(caplog.records) == 1


@pytest.mark.django_db
def test_where_it_answers_someone_is_asked(connection: Connection, settings: Any) -> None:
    assert queue.hint("mailings.tasks.send", 1)
    assert queue_lists() == 1
    assert OrmQ.objects.count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "ask",
    [queue_push, lambda: queue.hint("sync.tasks.compare", 1), queue.nothing_waits],
)
def test_asking_closes_no_connection_that_is_being_read_from(ask: Any) -> None:
    """A sync reads row by row and queues follow-up tasks for each; the broker closes a connection
    that has been open for long."""
    connection = connections["default"]
    connection.ensure_connection()
    opened = connection.connection
    connection.close_at = time.monotonic() - 1
    ask()
    connection.close_at = None
    assert connection.connection is opened
