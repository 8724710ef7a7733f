"""The reconciliation and data updates on a phone, with the keyboard."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from contacts.models import Contact
from sync.models import Reconciliation
from tests.browser.phone_rows import check_rows
from tests.browser.sign_in import sign_in
from tests.fixtures.world import World
from tests.sync.test_reconciliation_page import address, make_reconciliation
from tests.webinars.test_profile_updates import manager, set_submitted

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[[str], Page]


@pytest.fixture
def phone(transactional_db: None, live_server: object, world: World, browser: Browser) -> Open:
    """Return what opens an address on a marketer's phone in Tokyo."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="en-GB", timezone_id="Asia/Tokyo"
    )
    page = context.new_page()
    root = str(live_server)
    sign_in(page, root)

    def open_address(where: str) -> Page:
        page.goto(root + where)
        return page

    return open_address


def too_wide(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


@pytest.mark.rule(9)
def test_a_step_opens_its_people_and_the_lists_are_checked_again(world: World, phone: Open) -> None:
    make_reconciliation(world)
    page = phone(address(world))
    assert too_wide(page) <= 0
    # The time is shown in the reader's time zone too.
    form = r"^= \w{3} \d+ \w+, \d\d:\d\d GMT\+9$"
    expect(page.get_by_text(re.compile(form))).to_be_visible()
    page.get_by_role("link", name="Cancelled on GoToWebinar − 1").click()
    expect(page.get_by_role("link", name="First0 Last0")).to_be_visible()
    check_rows(page, page.url)
    page.go_back()
    page.get_by_role("button", name="Check again now").press("Enter")
    expect(page.get_by_text("Checking both lists in a moment…")).to_be_visible()
    assert too_wide(page) <= 0
    Reconciliation.objects.filter(state="waiting").update(
        state="done", here=9, both=9, on_platform=9,
        started_at="2031-01-10T15:00:00Z", finished_at="2031-01-10T15:00:00Z",
    )  # fmt: skip
    # The page refreshes automatically.
    expect(page.get_by_text("In WebinarSync 9")).to_be_visible(timeout=10_000)
    assert page.locator("meta[http-equiv=refresh]").count() == 0


@pytest.mark.rule(3)
def test_one_value_is_applied_with_the_keyboard(world: World, phone: Open) -> None:
    item = manager(world)
    set_submitted(world.registrations[1], {"city": "x" * 120}, city="y" * 120)
    page = phone(f"/webinars/{world.webinar.pk}/submitted-values/")
    assert too_wide(page) <= 0
    box = page.get_by_role("checkbox", name="Job title: Manager → Director")
    box.focus()
    page.keyboard.press("Space")
    # Enter presses the form's first button, which is only about the selection.
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 value was updated.")).to_be_visible()
    assert Contact.objects.get(pk=item.contact_id).job_title == "Director"
    page.get_by_role("button", name="Keep for First1 Last1: City").press("Enter")
    expect(page.get_by_text("1 value was kept.")).to_be_visible()
    expect(page.get_by_text("No differences to review")).to_be_visible()


@pytest.mark.rule(3)
def test_enter_in_a_box_that_is_not_ticked_changes_nothing(world: World, phone: Open) -> None:
    item = manager(world)
    page = phone(f"/admin/contacts/contact/{item.contact_id}/change/")
    assert too_wide(page) <= 0
    page.get_by_role("checkbox", name="Job title: Manager").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing was selected")).to_be_visible()
    page.get_by_role("button", name="Update First0 Last0: Job title Director").press("Enter")
    expect(page.get_by_text("1 value was updated.")).to_be_visible()
    expect(page.get_by_text("Job title: Manager → Director")).to_be_visible()
