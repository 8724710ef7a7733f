"""A contact is seen, edited and deleted with the keyboard, and no page reports an error."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from contacts.models import Contact, Tombstone
from tests.browser.sign_in import sign_in
from tests.fixtures.world import World
from webinarsync import roles

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def errors(page: Page, live_server: Any) -> list[str]:
    """What scripts report, in a browser in which a marketer is signed in."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on(
        "console", lambda message: found.append(message.text) if message.type == "error" else None
    )
    sign_in(page, live_server.url, roles.MARKETERS)
    return found


def test_editing_keeps_what_was_written_and_leads_back(
    page: Page, live_server: Any, world: World, errors: list[str]
) -> None:
    contact = world.registrations[1].contact
    page.goto(f"{live_server.url}/admin/contacts/contact/{contact.pk}/change/")
    page.get_by_role("link", name="Edit", exact=True).press("Enter")
    page.get_by_label("First name").fill("Ida")
    page.get_by_label("Last name").fill("")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_text("This field is required.")).to_be_visible()
    expect(page.get_by_label("First name")).to_have_value("Ida")
    page.get_by_label("Last name").fill("Jones")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_role("heading", name="Ida Jones", exact=True).last).to_be_visible()
    assert Contact.objects.get(pk=contact.pk).full_name == "Ida Jones"
    assert errors == []


def test_several_are_deleted_permanently_in_one_dialog(
    page: Page, live_server: Any, world: World, errors: list[str]
) -> None:
    page.goto(f"{live_server.url}/admin/contacts/contact/")
    for box in page.locator("input[name=_selected_action]").all()[:2]:
        box.check()
    page.locator("select[name=action]").select_option("delete_selected")
    page.get_by_role("button", name="Run").first.click()
    expect(page.get_by_role("heading", name="Delete 2 contacts?")).to_be_visible()
    assert page.get_by_role("radio", name="Delete They come back").is_checked()
    page.get_by_role("radio", name="Delete They come back").press("ArrowDown")
    page.get_by_role("button", name="Delete 2 contacts").press("Enter")
    expect(page.get_by_text("2 contacts were deleted permanently.")).to_be_visible()
    assert Tombstone.objects.filter(permanent=True).count() == 2
    assert errors == []


def test_without_javascript_a_contact_is_edited_and_deleted(
    browser: Browser, live_server: Any, world: World
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, live_server.url, roles.MARKETERS)
    contact = world.registrations[1].contact
    page.goto(f"{live_server.url}/admin/contacts/contact/{contact.pk}/change/")
    page.get_by_role("link", name="Edit", exact=True).click()
    page.locator("[name=first_name]").fill("Ida")
    page.locator("[name=_save]").click()
    assert Contact.objects.get(pk=contact.pk).first_name == "Ida"
    page.get_by_role("link", name="Delete", exact=True).click()
    page.get_by_role("button", name="Delete contact").click()
    assert not Contact.objects.filter(pk=contact.pk).exists()
    context.close()
