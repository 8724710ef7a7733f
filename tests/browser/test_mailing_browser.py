"""An email to overflow only, from the audience's page to the mailbox."""

from typing import Any

import pytest
from django.core import mail
from playwright.sync_api import Dialog, Page, expect

from mailings import tasks
from mailings.models import Mailing
from tests.browser.sign_in import sign_in
from tests.factories import ConsentFactory, registration_in
from tests.fixtures.world import World
from webinars.models import Registration

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.rule(6)
def test_an_email_to_overflow_only(
    transactional_db: None, live_server: Any, world: World, page: Page
) -> None:
    full = [item.pk for item in world.registrations[:3]]
    Registration.objects.filter(pk__in=full).update(
        **registration_in(Registration.State.OVERFLOW, join_url="")
    )
    sign_in(page, live_server.url, email="mia@example.com")

    page.goto(f"{live_server.url}/webinars/{world.webinar.pk}/audience/overflow/")
    page.get_by_role("button", name="Email these people").click()
    expect(page.get_by_text("3 people will receive this email.")).to_be_visible()
    page.get_by_label("Subject").fill("{first_name}, it is full")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.get_by_label("As sent to").select_option(label="First1 Last1 · p1@example.com")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("First1, it is full")).to_be_visible()
    expect(page.frame_locator("iframe.ws-preview").get_by_text("Hello First1")).to_be_visible()
    page.get_by_role("button", name="Send a test to mia@example.com").click()
    expect(page.get_by_text("The test is on its way")).to_be_visible()
    assert [message.to for message in mail.outbox] == [["mia@example.com"]]
    mail.outbox.clear()

    page.get_by_role("button", name="Send to 3 people").click()
    page.get_by_role("button", name="Send it now").click()
    expect(page.get_by_text("0 of 3, 0 processed")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    mailing = Mailing.objects.get()
    assert tasks.send(mailing.pk) == 0
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    assert tasks.send(mailing.pk) == 3
    expect(page.get_by_text("sent 3 of 3, 3 processed")).to_be_visible(timeout=10_000)
    assert {message.to[0] for message in mail.outbox} == {f"p{n}@example.com" for n in range(3)}
    page.goto(
        f"{live_server.url}/admin/contacts/contact/{world.registrations[0].contact_id}/change/"
    )
    expect(page.get_by_text("Email sent: “First0, it is full”")).to_be_visible()


def test_leaving_with_unsaved_changes_asks_first(
    transactional_db: None, live_server: Any, world: World, page: Page
) -> None:
    sign_in(page, live_server.url)
    page.goto(f"{live_server.url}/webinars/{world.webinar.pk}/audience/registered/")
    page.get_by_role("button", name="Email these people").click()
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    people = page.get_by_role("link", name="6 people were chosen.")
    people.click()
    expect(page.get_by_role("link", name="Back to the email")).to_be_visible()
    assert not asked, "nothing was typed"
    page.get_by_role("link", name="Back to the email").click()
    page.get_by_label("Subject").fill("Half a thought")
    people.click(no_wait_after=True)
    page.wait_for_function("true")
    expect(page.get_by_label("Subject")).to_have_value("Half a thought")
    assert asked == ["beforeunload"]
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    people.click()
    expect(page.get_by_role("link", name="Back to the email")).to_be_visible()
    assert asked == ["beforeunload"]
    assert Mailing.objects.get().subject == "Half a thought"


def test_the_recipients_follow_a_choice_at_once(
    transactional_db: None, live_server: Any, world: World, page: Page, settings: Any
) -> None:
    """Nothing is saved by it; the button to count is there where counting fails."""
    settings.MAIL_READY = True
    ConsentFactory.create(contact=world.registrations[0].contact, granted=True)
    sign_in(page, live_server.url)
    page.goto(f"{live_server.url}/webinars/{world.webinar.pk}/audience/registered/")
    page.get_by_role("button", name="Email these people").click()
    page.get_by_label("Subject").fill("An own subject")
    page.locator("#id_text").fill("An own text")
    expect(page.get_by_text("6 people will receive this email.")).to_be_visible()
    again = page.get_by_role("button", name="Save and count again")
    expect(again).to_be_hidden()
    consent = page.get_by_label("Leave out people without marketing consent")
    consent.check()
    expect(page.get_by_text("1 person will receive this email.")).to_be_visible()
    expect(page.get_by_text("5 have not agreed to marketing emails.")).to_be_visible()
    expect(page.get_by_role("button", name="Send to 1 person…")).to_be_enabled()
    expect(consent).to_be_focused()
    expect(page.get_by_label("Subject")).to_have_value("An own subject")
    draft = Mailing.objects.get()
    assert not draft.skip_without_consent
    assert draft.subject != "An own subject"

    page.route("**/mailings/*/", lambda route: route.abort())
    consent.uncheck()
    expect(again).to_be_visible()
    page.unroute("**/mailings/*/")
    again.click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_text("6 people will receive this email.")).to_be_visible()
    page.get_by_label("Leave out people without marketing consent").check()
    page.get_by_role("button", name="Send to 1 person…").click()
    expect(page.get_by_text("“An own subject” goes to 1 person")).to_be_visible()
    draft.refresh_from_db()
    assert draft.skip_without_consent
