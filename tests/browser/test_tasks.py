"""Ten weekly tasks, from the dashboard, in as few clicks as they need.

Each test does a task, checks its result, and prints its clicks (`pytest -rP`). Choosing from a
drop-down list counts as two clicks, typing as none.
"""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ
from playwright.sync_api import Locator, Page, expect

from contact_imports.tasks import sweep
from contacts.models import Contact
from contacts.tombstones import tombstones_of
from mailings.models import Mailing
from sync.models import Reconciliation
from tests.browser.sign_in import open_signed_in
from tests.factories import ActivityFactory, SyncRunFactory, WebinarFactory, registration_in
from tests.fixtures.world import World, make_people
from webinars.models import Registration, Webinar

pytestmark = pytest.mark.django_db(transaction=True)


class Clicks:
    """Counts what a person clicks on."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def on(self, place: Locator) -> None:
        """Click on `place`."""
        self.count += 1
        place.click()

    def link(self, name: str) -> None:
        """Follow the first link called `name`."""
        self.on(self.page.get_by_role("link", name=name, exact=True).first)

    def button(self, name: str) -> None:
        """Press the first button whose name has `name` in it."""
        self.on(self.page.get_by_role("button", name=name).first)

    def tick(self, place: Locator) -> None:
        """Tick or choose `place`."""
        self.count += 1
        place.check()


Begin = Callable[[], Clicks]


@pytest.fixture
def begin(
    transactional_db: None, live_server: Any, world: World, marketer: Client, page: Page
) -> Begin:
    """Open the dashboard, once the test has created its data."""

    def opened() -> Clicks:
        open_signed_in(page, live_server.url, marketer)
        return Clicks(page)

    return opened


@pytest.fixture
def done(capsys: pytest.CaptureFixture[str]) -> Callable[[Clicks, int, str], None]:
    """Print how many clicks a task took, and fail if there are too many."""

    def check(clicks: Clicks, most: int, task: str) -> None:
        print(f"{task}: {clicks.count} clicks, at most {most}")
        assert clicks.count <= most

    return check


Done = Callable[[Clicks, int, str], None]


def test_1_who_attended_and_asked_a_question(world: World, begin: Begin, done: Done) -> None:
    ends = timezone.now() - dt.timedelta(hours=1)
    Webinar.objects.update(ends_at=ends)
    asker = world.registrations[1].contact
    ActivityFactory.create(contact=asker, webinar=world.webinar, question=True)
    clicks = begin()
    clicks.link("A webinar")
    clicks.link("Q&A and polls")
    expect(clicks.page.get_by_text("Why not?")).to_be_visible()
    expect(clicks.page.get_by_role("link", name=str(asker))).to_be_visible()
    done(clicks, 3, "Who attended last week's webinar and asked a question")


def test_2_email_the_waiting_list(world: World, begin: Begin, done: Done) -> None:
    waits = world.registrations[0]
    Registration.objects.filter(pk=waits.pk).update(
        **registration_in(Registration.State.OVERFLOW, join_url="")
    )
    clicks = begin()
    clicks.button("Email 1 person")
    expect(clicks.page.get_by_text("1 person will receive this email.")).to_be_visible()
    clicks.button("Send to 1 person")
    clicks.button("Send it now")
    expect(clicks.page.get_by_role("button", name="Pause")).to_be_visible()
    mailing = Mailing.objects.get()
    assert mailing.state == Mailing.State.SENDING
    assert [item.registration_id for item in mailing.recipients.all()] == [waits.pk]
    done(clicks, 4, "Email the people on the waiting list")


def test_3_register_twenty_contacts(world: World, begin: Begin, done: Done) -> None:
    make_people(WebinarFactory.create(connection=world.webinar.connection), 20, "twenty")
    target = WebinarFactory.create(
        connection=world.webinar.connection, subject="The next one", synced=True
    )
    Contact.objects.exclude(email__startswith="twenty").delete()
    clicks = begin()
    clicks.link("Contacts")
    clicks.tick(clicks.page.locator("#action-toggle"))
    clicks.button("Register for a webinar")
    clicks.button("The next one")
    expect(clicks.page.get_by_text("20 people will be registered")).to_be_visible()
    clicks.button("Register them")
    expect(clicks.page.get_by_text("20 people are on their way to GoToWebinar.")).to_be_visible()
    assert target.registrations.count() == 20
    done(clicks, 5, "Register 20 contacts for a webinar")


def test_4_why_the_two_lists_differ(world: World, begin: Begin, done: Done) -> None:
    now = timezone.now()
    Reconciliation.objects.create(
        webinar=world.webinar, state="done", requested_at=now, started_at=now, finished_at=now,
        here=6, both=6, on_platform=6,
    )  # fmt: skip
    clicks = begin()
    clicks.link("A webinar")
    clicks.link("Compare with GoToWebinar")
    expect(clicks.page.get_by_text("In both")).to_be_visible()
    done(clicks, 2, "Why the two lists differ")


def test_5_sync_a_webinar_now(world: World, begin: Begin, done: Done) -> None:
    clicks = begin()
    clicks.link("A webinar")
    clicks.button("Sync now")
    expect(clicks.page.get_by_text("Sync started.")).to_be_visible()
    assert "sync.tasks.sync_webinar" in {task.func() for task in OrmQ.objects.all()}
    done(clicks, 2, "Sync a webinar now")


def test_6_import_a_list(world: World, begin: Begin, done: Done, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("Email,First name,Last name\nnew@example.com,Nora,New\n")
    clicks = begin()
    clicks.link("Contacts")
    clicks.link("Import")
    clicks.count += 1
    clicks.page.locator("input[type=file]").set_input_files(file)
    clicks.button("Upload")
    expect(clicks.page.get_by_text("Reading the file.")).to_be_visible()
    sweep()
    clicks.button("Preview import")
    expect(clicks.page.get_by_text("Checking: 0 of 1 line")).to_be_visible()
    sweep()
    clicks.button("Import 1 person")
    expect(clicks.page.get_by_text("Importing: 0 of 1 line")).to_be_visible()
    sweep()
    expect(clicks.page.get_by_role("heading", name="What was imported")).to_be_visible()
    assert Contact.objects.filter(email="new@example.com", first_name="Nora").exists()
    done(clicks, 6, "Import a list")


def test_7_the_no_shows_of_two_webinars(world: World, begin: Begin, done: Done) -> None:
    ran = timezone.now() - dt.timedelta(hours=1)
    other = WebinarFactory.create(
        connection=world.webinar.connection, subject="Another webinar", synced=True, past=True
    )
    Webinar.objects.update(ends_at=ran, last_session_ended_at=ran)
    make_people(other, 2, "other")
    Registration.objects.update(registered_at=ran - dt.timedelta(days=1))
    clicks = begin()
    clicks.page.locator(".ws-counts a", has_text="No-show").first.wait_for()
    clicks.on(clicks.page.locator(".ws-counts a", has_text="No-show").first)
    clicks.link("Advanced search")
    box = clicks.page.locator("select[name=webinars]")
    box.scroll_into_view_if_needed()
    chosen = [str(world.webinar.pk), str(other.pk)]
    clicks.count += 1
    box.select_option(chosen)
    clicks.on(clicks.page.get_by_role("button", name="Find", exact=True))
    # Every second of six, and of two.
    expect(clicks.page.get_by_text("4 people")).to_be_visible()
    done(clicks, 6, "The no-shows of two webinars")


def test_8_delete_a_contact_permanently(world: World, begin: Begin, done: Done) -> None:
    person = world.registrations[0].contact
    clicks = begin()
    clicks.link("Contacts")
    clicks.on(clicks.page.get_by_role("link", name=str(person)).first)
    clicks.link("Delete")
    clicks.tick(clicks.page.get_by_role("radio", name="Delete permanently"))
    clicks.on(clicks.page.locator("main form button.ws-danger").first)
    clicks.page.wait_for_url("**/admin/contacts/contact/**")
    assert not Contact.objects.filter(pk=person.pk).exists()
    assert [stone.permanent for stone in tombstones_of({person.email}).values()] == [True]
    done(clicks, 5, "Delete a contact permanently")


def test_9_turn_on_sync_for_a_new_webinar(world: World, begin: Begin, done: Done) -> None:
    new = WebinarFactory.create(
        connection=world.webinar.connection, subject="Brand new", sync_enabled=False
    )
    clicks = begin()
    clicks.link("Choose")
    clicks.on(clicks.page.get_by_role("switch", name="Sync: Brand new"))
    expect(clicks.page.get_by_text("Sync is on for “Brand new”.")).to_be_visible()
    assert _is_synced(new)
    assert "sync.tasks.sync_webinar" in {task.func() for task in OrmQ.objects.all()}
    # It can be undone at once.
    clicks.page.get_by_role("button", name="Undo").click()
    expect(clicks.page.get_by_text("Sync is off for “Brand new”.")).to_be_visible()
    assert not _is_synced(new)
    done(clicks, 2, "Turn on sync for a new webinar")


def _is_synced(webinar: Webinar) -> bool:
    return Webinar.objects.get(pk=webinar.pk).sync_enabled


def test_10_see_a_sync_that_fails_and_try_again(world: World, begin: Begin, done: Done) -> None:
    SyncRunFactory.create(webinar=world.webinar, failed=True)
    clicks = begin()
    expect(clicks.page.get_by_text("1 of 1 webinars need attention.")).to_be_visible()
    clicks.button("Sync again")
    expect(clicks.page.get_by_text("Sync started.")).to_be_visible()
    assert "sync.tasks.sync_webinar" in {task.func() for task in OrmQ.objects.all()}
    done(clicks, 3, "See a sync that fails and try it again")
