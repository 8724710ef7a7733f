"""The product on another platform than GoToWebinar: connected, synced, pushed to and cancelled on,
without a line about it outside of its own file."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.test import Client as Browser
from django.urls import reverse

from contacts.models import Activity, Contact
from platforms import registry
from platforms.client_factory import client_for
from platforms.connect import connect
from platforms.models import Connection, WebhookSetup
from platforms.panels import address_of
from platforms.registry import register_temporarily
from platforms.webhooks.subscriptions import can_be_reached
from registration_forms.links import form_path
from registration_forms.registrations import register_contacts
from sync import runs
from sync.models import SyncRun
from sync.push.push import Pusher
from tests.fixtures.goto import run_sync
from tests.fixtures.world import signed_in
from tests.memory_platform import REFRESH_TOKEN, MemoryPlatform
from tests.platforms.contract.stages import fill
from webinars.models import Attendance, Registration, Webinar
from webinarsync import roles

pytestmark = pytest.mark.django_db(transaction=True)
State = Registration.State


@pytest.fixture
def platform() -> Iterator[MemoryPlatform]:
    with register_temporarily(MemoryPlatform()) as platform:
        assert isinstance(platform, MemoryPlatform)
        fill(platform)
        yield platform


@pytest.fixture
def connection(platform: MemoryPlatform) -> Connection:
    connection = connect(REFRESH_TOKEN, platform=platform.name)
    run = runs.sync_list(connection, trigger=SyncRun.Trigger.SCHEDULE)
    assert (run.state, run.error) == (SyncRun.State.DONE, "")
    return connection


def webinars(platform: MemoryPlatform) -> tuple[Webinar, Webinar]:
    """Return the past and the upcoming webinar, both switched on."""
    Webinar.objects.update(sync_enabled=True)
    ran, to_come = (
        Webinar.objects.select_related("connection").get(key=key) for key in platform.rooms
    )
    return ran, to_come


def sync_completely(webinar: Webinar) -> None:
    run = run_sync(webinar)
    assert (run.state, run.error, run.skipped) == (SyncRun.State.DONE, "", {})


@pytest.mark.rule(7)
def test_who_registered_attended_and_asked_is_synced(
    platform: MemoryPlatform, connection: Connection
) -> None:
    ran, _to_come = webinars(platform)
    sync_completely(ran)
    assert (ran.connection_id, ran.connection.platform) == (connection.pk, "memory")
    rows = Registration.objects.filter(webinar=ran).order_by("contact__email")
    assert [(row.contact.email, row.state, row.sessions_attended) for row in rows] == [
        ("ada@memory.example", State.REGISTERED, 1),
        ("eva@memory.example", State.REGISTERED, 0),
        ("ida@memory.example", State.REGISTERED, 0),
    ]
    assert Attendance.objects.get().session.key == "memory:séance/1"
    kinds = Activity.objects.filter(contact__email="ada@memory.example")
    assert set(kinds.values_list("kind", flat=True)) == {"registered", "attended", "question"}
    # No changes: nothing is written.
    activities = Activity.objects.count()
    sync_completely(ran)
    assert Activity.objects.count() == activities


def pushed(webinar: Webinar, email: str) -> Registration:
    contact = Contact.objects.create(email=email, first_name="Bo", last_name="Ek")
    register_contacts(webinar, [contact.pk], Registration.Source.MARKETER)
    assert Pusher().push_due() == 1
    return Registration.objects.get(contact=contact)


@pytest.mark.rule(4)
def test_a_registration_is_pushed_and_its_cancellation_noticed(
    platform: MemoryPlatform, connection: Connection
) -> None:
    _ran, to_come = webinars(platform)
    registration = pushed(to_come, "bo@example.com")
    room = platform.rooms[to_come.key]
    assert registration.state == State.REGISTERED
    assert list(room.people) == [registration.registrant_key]
    sync_completely(to_come)
    registration.refresh_from_db()
    assert registration.cancelled_at is None
    client_for(connection).cancel_registrant(to_come.key, registration.registrant_key)
    sync_completely(to_come)
    registration.refresh_from_db()
    assert registration.state == State.REGISTERED and registration.cancelled_at is not None


@pytest.mark.rule(6)
def test_where_seats_are_unknown_no_one_waits_for_one(
    platform: MemoryPlatform, connection: Connection
) -> None:
    _ran, to_come = webinars(platform)
    sync_completely(to_come)
    to_come.refresh_from_db()
    assert to_come.free_seats is None
    assert pushed(to_come, "bo@example.com").state == State.REGISTERED


def test_its_pages_and_commands_work(
    platform: MemoryPlatform, connection: Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    ran, to_come = webinars(platform)
    Webinar.objects.filter(pk=to_come.pk).update(form_enabled=True)
    sync_completely(ran)
    browser: Browser = signed_in(roles.OPERATORS)
    for path in (
        address_of(connection),
        f"/admin/webinars/webinar/{ran.pk}/change/",
        form_path(to_come),
    ):
        assert browser.get(path, follow=True).status_code == 200, path
    assert not can_be_reached(connection)
    assert "hooks-title" not in browser.get(address_of(connection)).content.decode()
    asked = browser.post(reverse("sync:webhooks", args=[connection.pk, "on"]))
    assert asked.status_code == 404 and not WebhookSetup.objects.exists()
    call_command("audience", ran.key, "attended", "--json")
    assert "ada@memory.example" in capsys.readouterr().out


def test_keys_of_two_platforms_never_clash(platform: MemoryPlatform) -> None:
    class Other(MemoryPlatform):
        name = "other"

    with pytest.raises(ValueError, match="prefix"), register_temporarily(Other()):
        pass
    # The same organizer's key on two platforms is two accounts.
    connection = connect(REFRESH_TOKEN, platform=platform.name)
    Connection.objects.create(organizer_key=connection.organizer_key)
    assert Connection.objects.filter(organizer_key=connection.organizer_key).count() == 2
    again = connect(REFRESH_TOKEN, platform=platform.name)
    assert again.pk == connection.pk


def test_a_platform_that_is_not_here_is_named() -> None:
    with pytest.raises(LookupError, match="memory"):
        registry.platform_named("memory")
