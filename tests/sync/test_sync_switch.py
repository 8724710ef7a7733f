"""Only what is switched on is synced, and switching it on starts a sync (rule 1)."""

from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django_q.models import OrmQ

from sync import tasks
from sync.models import SyncRun
from sync.scheduling import due_webinars
from tests.fake_goto import FakeGoTo
from tests.fixtures.world import World
from webinars.models import Webinar

LIST = "/admin/webinars/webinar/"


@pytest.fixture
def switched_off(world: World) -> Webinar:
    Webinar.objects.update(sync_enabled=False, last_session_ended_at=None)
    SyncRun.objects.all().delete()
    return Webinar.objects.select_related("connection").get()


def queued() -> set[str]:
    return {task.func() for task in OrmQ.objects.all()}


def switch_on_the_list(client: Client, webinar: Webinar) -> None:
    client.post(f"/webinars/{webinar.pk}/sync_enabled/on/switch/")


def switch_on_its_page(client: Client, webinar: Webinar) -> None:
    form = {"sync_enabled": "on", "slug": webinar.slug, "_save": "Save"}
    client.post(f"{LIST}{webinar.pk}/change/", form)


@pytest.mark.rule(1)
@pytest.mark.parametrize("switch_on", [switch_on_the_list, switch_on_its_page])
def test_switching_on_starts_a_sync_at_once(
    switched_off: Webinar,
    marketer: Client,
    switch_on: Any,
) -> None:
    switch_on(marketer, switched_off)
    if not Webinar.objects.get().sync_enabled:
        pytest.fail("the switch was not found")
    assert "sync.tasks.sync_webinar" in queued()


@pytest.mark.rule(1)
def test_switching_on_by_command_syncs(switched_off: Webinar) -> None:
    goto = FakeGoTo()
    with goto.in_place(), pytest.MonkeyPatch.context() as patched:
        command = "sync.management.commands.sync_webinars.Command._refresh_lists"
        patched.setattr(command, lambda self: [])
        call_command("sync_webinars", "--webinar", switched_off.key, "--activate", "--json")
    assert SyncRun.objects.get(webinar=switched_off).state == SyncRun.State.DONE


@pytest.mark.rule(1)
@pytest.mark.parametrize("trigger", ["schedule", "manual"])
def test_a_queued_sync_of_a_webinar_switched_off_since_is_not_run(
    switched_off: Webinar, trigger: str
) -> None:
    goto = FakeGoTo()
    with goto.in_place():
        tasks.sync_webinar(switched_off.pk, trigger)
    assert goto.calls == []


@pytest.mark.rule(1)
def test_switched_off_webinars_are_never_due(switched_off: Webinar) -> None:
    now = switched_off.starts_at
    assert now is not None
    assert not due_webinars(now).exists()
    Webinar.objects.update(sync_enabled=True)
    assert due_webinars(now).get() == switched_off
