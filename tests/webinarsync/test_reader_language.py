"""Texts are shown in the reader's language, whatever a worker speaks (rule 13)."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone, translation

from contacts.models import Activity
from sync import lease
from sync.models import SyncRun
from sync.push.push import push
from tests.fake_goto import FakeGoTo
from tests.fixtures.world import World
from tests.open_issues import EVERYDAY_WORK, awaits
from webinars.models import Registration, Webinar

State = Registration.State


def page(client: Client, path: str, language: str) -> str:
    """Return the page that a reader of `language` sees."""
    return client.get(path, headers={"Accept-Language": language}).content.decode()


@pytest.mark.rule(13)
def test_the_timeline_is_in_the_readers_language(world: World, marketer: Client) -> None:
    person = world.registrations[1]
    Activity.objects.create(
        contact=person.contact, key="c", kind="cancelled", happened_at=timezone.now()
    )
    path = f"/admin/contacts/contact/{person.contact_id}/change/"
    assert "Cancelled on GoToWebinar" in page(marketer, path, "en")
    assert "Cancelled on GoToWebinar" not in page(marketer, path, "fr")


@pytest.mark.rule(13)
@awaits(EVERYDAY_WORK)
def test_why_a_registration_was_refused_is_in_the_readers_language(
    world: World, marketer: Client
) -> None:
    row = world.registrations[0]
    Webinar.objects.update(ends_at=timezone.now() - dt.timedelta(minutes=1))
    now = timezone.now()
    Registration.objects.filter(pk=row.pk).update(
        state=State.PENDING, registrant_key="", next_push_at=now
    )
    with translation.override("fr"), FakeGoTo().in_place():
        push(row.pk)
    path = f"/webinars/{world.webinar.pk}/audience/rejected/"
    text = page(marketer, path, "en")
    if row.contact.email not in text:
        pytest.fail("nobody was refused")
    assert "over before this could be sent" in text


@pytest.mark.rule(13)
@awaits(EVERYDAY_WORK)
def test_why_a_sync_broke_off_is_in_the_readers_language(world: World, marketer: Client) -> None:
    SyncRun.objects.update(state=SyncRun.State.RUNNING, lease_until=timezone.now())
    connection = world.webinar.connection
    with translation.override("fr"):
        lease.claim(connection, world.webinar, trigger=SyncRun.Trigger.CLOCK)
    text = page(marketer, f"/webinars/{world.webinar.pk}/syncs/", "en")
    assert "The process that ran this was ended." in text
