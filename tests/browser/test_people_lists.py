"""People are selected in lists, with a mouse, the keyboard or no script, and an action is
applied."""

from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from contacts.people_table import PAGE
from mailings.models import Mailing
from tests.browser.axe import find_nothing
from tests.browser.sign_in import open_signed_in
from tests.factories import ActivityFactory
from tests.fixtures.world import World, make_people
from webinars.models import Webinar

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_page_one_and_all(world: World, live_server: Any, marketer: Client, page: Page) -> None:
    make_people(world.webinar, PAGE, "more")
    open_signed_in(page, live_server.url, marketer)
    page.goto(f"{live_server.url}/webinars/{world.webinar.pk}/audience/registered/")
    count, email = (
        page.locator("[data-ws-count]"),
        page.get_by_role("button", name="Email", exact=True),
    )
    of_page = page.get_by_label("Select all people on this page")
    select_all = page.get_by_label("Select all 56")
    boxes = page.locator("tbody input[type=checkbox]")
    expect(email).not_to_be_visible()
    boxes.nth(1).focus()
    page.keyboard.press("Space")
    expect(count).to_have_text("1")
    expect(email).to_be_visible()
    assert of_page.evaluate("(box) => box.indeterminate")
    of_page.check()
    expect(count).to_have_text(str(PAGE))
    select_all.check()
    expect(count).to_have_text("56")
    find_nothing(page)
    boxes.nth(0).uncheck()
    expect(select_all).not_to_be_checked()
    expect(count).to_have_text(str(PAGE - 1))
    select_all.check()
    email.click()
    expect(page.get_by_text("56 people will receive this email.")).to_be_visible()


def test_without_javascript(
    world: World, live_server: Any, marketer: Client, browser: Browser
) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    open_signed_in(page, live_server.url, marketer)
    page.goto(f"{live_server.url}/contacts/find/?country=chile")
    expect(page.locator(".ws-scripted").first).not_to_be_visible()
    page.get_by_label("Select First1 Last1").check()
    page.get_by_label("Select First3 Last3").check()
    page.get_by_role("button", name="Mark as internal…").click()
    expect(page.get_by_text("2 people are selected.")).to_be_visible()
    page.get_by_role("link", name="Cancel").click()
    page.wait_for_url("**/contacts/find/?country=chile")
    page.get_by_text("Columns", exact=True).click()
    page.get_by_label("Country", exact=True).last.uncheck()
    page.get_by_role("button", name="Show columns").click()
    expect(page.get_by_role("columnheader", name="Email")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Country")).to_have_count(0)


def test_who_asked_twice_is_one(
    world: World, live_server: Any, marketer: Client, page: Page
) -> None:
    asker = world.registrations[0].contact
    for key in ("one", "two"):
        ActivityFactory.create(contact=asker, webinar=world.webinar, question=True, key=key)
    Webinar.objects.update(starts_at="2026-01-01T10:00Z")
    open_signed_in(page, live_server.url, marketer)
    page.goto(f"{live_server.url}/webinars/{world.webinar.pk}/questions/")
    page.get_by_label("Select this page").check()
    expect(page.locator("[data-ws-count]")).to_have_text("1")
    find_nothing(page)
    page.get_by_role("button", name="Email", exact=True).last.click()
    expect(page.get_by_text("1 person will receive this email.")).to_be_visible()
    assert Mailing.objects.get().recipients.get().contact_id == asker.pk


def test_panels_open_and_saved_views_stay(
    world: World, live_server: Any, marketer: Client, page: Page
) -> None:
    open_signed_in(page, live_server.url, marketer)
    page.goto(f"{live_server.url}/admin/contacts/contact/?q=first1")
    page.get_by_text("Views", exact=True).click()
    page.get_by_label("Save as view").fill("Ones")
    page.get_by_label("Share with colleagues").check()
    find_nothing(page)
    page.get_by_role("button", name="Save view").click()
    expect(page.get_by_text("View “Ones” saved.")).to_be_visible()
    page.get_by_role("link", name="Remove the filter Search: first1").click()
    expect(page.get_by_role("link", name="First2 Last2")).to_be_visible()
    page.get_by_text("Views", exact=True).click()
    page.get_by_role("link", name="Ones").click()
    expect(page.get_by_role("link", name="First2 Last2")).to_have_count(0)
    expect(page.get_by_text("Search: first1")).to_be_visible()
