"""The pages in a real browser: with a keyboard, on a phone, and while a sync runs."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from registration_forms.links import form_path
from registration_forms.models import Submission
from sync.models import SyncRun
from tests.browser.sign_in import sign_in
from tests.fixtures.world import World
from webinars.models import Registration

pytestmark = pytest.mark.django_db(transaction=True)
PHONE: ViewportSize = {"width": 390, "height": 844}
Open = Callable[[str], Page]


@pytest.fixture(autouse=True)
def unhurried(settings: Any) -> None:
    """A browser types faster than people."""
    settings.FORM_LEAST_SECONDS = 0


@pytest.fixture
def context(browser: Browser) -> BrowserContext:
    return browser.new_context(viewport=PHONE, locale="en-GB", timezone_id="Asia/Tokyo")


@pytest.fixture
def phone(transactional_db: None, live_server: Any, world: World, context: BrowserContext) -> Open:
    """Return what opens an address of the site on a phone in Tokyo."""
    page = context.new_page()

    def open_address(address: str) -> Page:
        page.goto(live_server.url + address)
        return page

    return open_address


@pytest.fixture
def signed_in_phone(phone: Open, context: BrowserContext, live_server: Any) -> Open:
    sign_in(context.pages[0], live_server.url)
    return phone


def too_wide(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


def test_the_form_is_filled_in_with_the_keyboard_alone(world: World, phone: Open) -> None:
    page = phone(form_path(world.webinar))
    assert too_wide(page) <= 0
    page.get_by_label("First name").focus()
    for text in ("Ana", "Núñez", "ana@example.com"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="One moment…")).to_be_visible()
    Registration.objects.filter(contact__email_key="ana@example.com").update(
        state=Registration.State.REGISTERED,
        next_push_at=None,
        join_url="https://join.example/of-ana",
    )
    # The page refreshes automatically.
    expect(page.get_by_role("heading", name="You are registered")).to_be_visible(timeout=10_000)
    link = page.get_by_role("link", name="Join link")
    assert link.get_attribute("href") == "https://join.example/of-ana"
    assert too_wide(page) <= 0


def test_a_mistake_leads_back_to_its_field(world: World, phone: Open) -> None:
    page = phone(form_path(world.webinar))
    page.get_by_label("First name").fill("Ana")
    page.get_by_role("button", name="Register").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Nothing was sent yet")
    alert.get_by_role("link", name="Last name").click()
    expect(page.get_by_label("Last name")).to_be_focused()
    assert page.get_by_label("First name").input_value() == "Ana"
    assert not Submission.objects.exists()


def test_the_form_shows_the_readers_own_time(world: World, phone: Open) -> None:
    world.webinar.times = [["2031-01-10T15:00:00+00:00", "2031-01-10T16:00:00+00:00"]]
    world.webinar.ends_at = dt.datetime(2031, 1, 10, 16, tzinfo=dt.UTC)
    world.webinar.save()
    page = phone(form_path(world.webinar))
    expect(page.get_by_text("Friday, 10 January 2031, 16:00–17:00")).to_be_visible()
    expect(page.get_by_text("= Sat 11 Jan 2031, 00:00 GMT+9", exact=True)).to_be_visible()


def test_a_running_sync_is_seen_running_and_ending(world: World, signed_in_phone: Open) -> None:
    now = timezone.now()
    run = SyncRun.objects.create(
        connection=world.webinar.connection,
        webinar=world.webinar,
        trigger="manual",
        started_at=now,
        lease_until=now + dt.timedelta(minutes=5),
        step="registrants",
        done=400,
        total=10_000,
    )
    page = signed_in_phone(f"/admin/webinars/webinar/{world.webinar.pk}/change/")
    expect(page.get_by_text("registrants, 400 of 10").first).to_be_visible()
    bar = page.get_by_role("progressbar", name="Progress of the sync")
    expect(bar).to_have_js_property("value", 400)
    SyncRun.objects.filter(pk=run.pk).update(done=4200)
    expect(page.get_by_text("registrants, 4200 of 10").first).to_be_visible(timeout=10_000)
    expect(bar).to_have_js_property("value", 4200)
    SyncRun.objects.filter(pk=run.pk).update(
        state=SyncRun.State.DONE, finished_at=now, lease_until=None, new_contacts=3
    )
    expect(page.get_by_text("Last sync: 3 new contacts")).to_be_visible(timeout=10_000)
    expect(bar).to_be_hidden()
    expect(page.locator(".ws-health-success").first).to_contain_text("In sync", timeout=10_000)


def test_pages_are_no_wider_than_a_phone(world: World, signed_in_phone: Open) -> None:
    person = world.registrations[0].contact_id
    for address in (
        "/admin/",
        "/admin/contacts/contact/",
        f"/admin/contacts/contact/{person}/change/",
        f"/admin/contacts/contact/{person}/change/?edit=1",
        f"/admin/contacts/contact/{person}/delete/",
        f"/contacts/{person}/merge/?q=p",
        "/admin/webinars/webinar/",
        f"/admin/webinars/webinar/{world.webinar.pk}/change/",
        f"/webinars/{world.webinar.pk}/audience/attended/",
        "/admin/webinars/registration/",
        "/admin/sync/syncrun/",
    ):
        assert too_wide(signed_in_phone(address)) <= 0, address


def test_without_javascript_the_form_works_and_its_answer_follows(
    transactional_db: None, live_server: Any, world: World, browser: Browser
) -> None:
    page = browser.new_context(java_script_enabled=False, locale="en-GB").new_page()
    page.goto(live_server.url + form_path(world.webinar))
    page.get_by_label("First name").fill("Ana")
    page.get_by_label("Last name").fill("Núñez")
    page.get_by_label("Email").fill("ana@example.com")
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_role("heading", name="One moment…")).to_be_visible()
    Registration.objects.filter(contact__email_key="ana@example.com").update(
        state=Registration.State.REGISTERED,
        next_push_at=None,
        join_url="https://join.example/of-ana",
    )
    # The browser itself loads the page again.
    expect(page.get_by_role("heading", name="You are registered")).to_be_visible(timeout=10_000)
