"""The queue of tasks does not answer: what a table holds is kept and waits for its time."""

import logging
from typing import Any

import pytest
from django_q.models import OrmQ

from core import queue
from platforms.models import Connection
from sync.models import SyncRun
from webinars.models import Webinar


@pytest.mark.django_db
def test_nothing_that_is_kept_in_a_table_fails(
    queue_away: object, connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        queue.queue_push()
        queue.queue_webhooks()
        queue.queue_import(1)
        assert not queue.hint("mailings.tasks.send", 1)
        assert queue.queue_lists([connection], trigger=SyncRun.Trigger.BUTTON) == 0
    assert len(caplog.records) == 5
    assert not OrmQ.objects.exists()


@pytest.mark.django_db
def test_it_is_waited_for_once_however_many_webinars_are_asked_for(
    queue_away: object, connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    webinars = Webinar.objects.filter(connection=connection)
    assert webinars.count() > 1
    with caplog.at_level(logging.WARNING):
        assert queue.queue_sync(webinars, trigger=SyncRun.Trigger.BUTTON) == 0
    assert len(caplog.records) == 1


@pytest.mark.django_db
def test_where_it_answers_somebody_is_asked(connection: Connection, settings: Any) -> None:
    assert queue.hint("mailings.tasks.send", 1)
    assert queue.queue_lists([connection], trigger=SyncRun.Trigger.BUTTON) == 1
    assert OrmQ.objects.count() == 2
