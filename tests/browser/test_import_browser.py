"""An import that is followed in a browser while a worker does it."""

import re
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, expect

from contact_imports.models import ContactImport
from tests.browser.sign_in import sign_in

pytestmark = pytest.mark.django_db(transaction=True)
State = ContactImport.State


def test_progress_is_shown_in_place_and_then_the_result(
    transactional_db: None, live_server: Any, page: Page
) -> None:
    sign_in(page, live_server.url)
    item = ContactImport.objects.create(
        filename="people.csv", state=State.CHECKING, columns=["Email"], mapping=["email"],
        sample=[["a@example.com"]], total=40, done=10, encoding="utf-8",
    )  # fmt: skip
    page.goto(f"{live_server.url}/contacts/import/{item.pk}/")
    expect(page.get_by_text("Checking: 10 of 40 lines")).to_be_visible()
    page.evaluate("window.isTheSamePage = true")

    ContactImport.objects.filter(pk=item.pk).update(done=30)
    expect(page.get_by_text("Checking: 30 of 40 lines")).to_be_visible(timeout=10_000)
    assert page.evaluate("window.isTheSamePage") is True

    ContactImport.objects.filter(pk=item.pk).update(state=State.CHECKED, done=40, new=40)
    expect(page.get_by_text("Import preview")).to_be_visible(timeout=10_000)


def test_a_file_is_chosen_without_an_error_of_a_script(
    transactional_db: None, live_server: Any, page: Page
) -> None:
    sign_in(page, live_server.url)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{live_server.url}/contacts/import/")
    people = FilePayload(name="people.csv", mimeType="text/csv", buffer=b"Email\na@example.com\n")
    page.locator("input[type=file]").set_input_files(people)
    expect(page.locator("input[type=file]")).to_have_value(re.compile("people.csv"))
    assert errors == []
