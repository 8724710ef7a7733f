"""A page's message on a webinar's sync is green only while it is in sync, and explains why not."""

import datetime as dt
import re

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from sync import status
from tests.factories import SyncRunFactory, WebinarFactory
from tests.fake_goto import HOUR
from tests.fixtures.world import World, signed_in
from webinars.models import Webinar
from webinarsync import roles

pytestmark = [pytest.mark.django_db, pytest.mark.rule(1)]
DAY = 24 * HOUR


def health(ended: dt.timedelta, looked: dt.timedelta, **values: object) -> status.Health:
    """Return the status of a webinar that ended this long ago and was synced this long ago."""
    now = timezone.now()
    webinar = WebinarFactory.create(
        synced=True, starts_at=now - ended - HOUR, ends_at=now - ended, **values
    )
    run = SyncRunFactory.create(webinar=webinar, started_at=now - looked)
    return status.health(webinar, run, now)


@pytest.mark.parametrize(
    ("ended", "looked", "tone"),
    [
        (-HOUR, HOUR / 2, "success"),
        (-HOUR, HOUR, "warning"),
        (-HOUR, 3 * DAY, "warning"),
        (10 * DAY, 1.5 * DAY, "success"),
        (10 * DAY, 3 * DAY, "warning"),
        (100 * DAY, 10 * DAY, "success"),
        (100 * DAY, 15 * DAY, "warning"),
        # Synced only on request.
        (400 * DAY, 200 * DAY, "success"),
    ],
)
def test_an_outdated_check_is_a_warning(
    ended: dt.timedelta, looked: dt.timedelta, tone: str
) -> None:
    with time_machine.travel(dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC), tick=False):
        status = health(ended, looked)
    assert status.tone == tone
    assert status.text.startswith("In sync · " if tone == "success" else "Not in sync for ")
    assert ("Ask the operator" in status.text) == (tone == "warning")


def test_the_reason_is_reported() -> None:
    assert "every 15 minutes" in health(-HOUR, 3 * DAY).text
    assert "it is due" in health(10 * DAY, 3 * DAY).text


def test_what_is_switched_off_is_not_called_in_sync() -> None:
    status = health(-HOUR, HOUR / 4, sync_enabled=False)
    assert (status.tone, status.text) == ("warning", "Sync is off; last synced 15\xa0minutes ago")


@pytest.mark.parametrize("page", ["/admin/webinars/webinar/{}/change/", "/webinars/{}/syncs/"])
def test_the_button_is_there_while_sync_is_on(world: World, page: str) -> None:
    browser, address = signed_in(roles.MARKETERS), page.format(world.webinar.pk)
    button = f'action="/webinars/{world.webinar.pk}/sync/"'
    assert button in browser.get(address).content.decode()
    Webinar.objects.update(sync_enabled=False)
    shown = browser.get(address).content.decode()
    assert button not in shown
    assert "Turn on sync" in shown


def test_a_page_left_open_starts_no_sync_of_what_is_switched_off(
    world: World, marketer: Client
) -> None:
    Webinar.objects.update(sync_enabled=False)
    answer = marketer.post(f"/webinars/{world.webinar.pk}/sync/", follow=True)
    assert "Turn it on first." in answer.content.decode()
    assert not OrmQ.objects.exists()


def test_a_list_shows_a_word_and_the_sentence_in_the_tooltip(world: World) -> None:
    browser = signed_in(roles.MARKETERS)
    page = browser.get("/admin/webinars/webinar/?show=all").content.decode()
    assert re.search(r'data-short title="In sync · [^"]+">In sync</span>', page)
    (shown,) = browser.get(f"/webinars/progress/?id={world.webinar.pk}").json()["webinars"]
    assert shown["short"] == "In sync" and shown["text"].startswith("In sync · ")
