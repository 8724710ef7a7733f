"""The HubSpot pages of a webinar and a segment, with notes and lists in each state."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from destinations.hubspot import list_switch, lists
from simulators.hubspot.process import HubSpotProcess
from tests.browser.axe import find_nothing
from tests.browser.phone_rows import PHONE, check_rows
from tests.browser.sign_in import sign_in
from tests.destinations.portal import connect, send, switched_on
from tests.destinations.test_lists import api
from tests.destinations.test_notes import add_answer, attended, held
from tests.factories import ContactFactory, RegistrationFactory, SegmentFactory
from webinarsync import roles

pytestmark = pytest.mark.django_db(transaction=True)


def test_notes_and_lists_are_accessible_and_used_by_buttons(
    hubspot: HubSpotProcess, live_server: Any, page: Page
) -> None:
    roles.set_up()
    webinar = held(subject="Launch")
    attended(webinar, "ada@example.com", (0, 30))
    add_answer(webinar, "ada@example.com", "question", "Why?")
    RegistrationFactory.create(webinar=webinar, contact__email="cy@example.com", overflow=True)
    portal = connect(hubspot, send_notes=True, send_notes_since=webinar.starts_at)
    hubspot.control("POST", "fail", {"next": 1, "path": "notes/batch", "status": 400})
    send(switched_on(portal, webinar))
    taken = {"name": "Launch – Attended", "objectTypeId": "0-1", "processingType": "MANUAL"}
    api(hubspot).call("POST", "/crm/lists/2026-09", json=taken)
    for audience in ("attended", "overflow"):
        lists.follow(list_switch.switch_on(portal, webinar, audience).pk)
    ContactFactory.create(email="fr@example.com", country="France")
    segment = SegmentFactory.create(name="France", query="country=France")
    lists.follow(list_switch.switch_on(portal, segment).pk)
    sign_in(page, live_server.url, roles.MARKETERS)
    page.goto(f"{live_server.url}/hubspot/webinars/{webinar.pk}/")
    expect(page.get_by_text("HubSpot rejected the note.")).to_be_visible()
    expect(page.get_by_text("HubSpot already has a list with this name.")).to_be_visible()
    page.get_by_text("Not in the list").click()
    expect(page.get_by_role("link", name="cy@example.com").last).to_be_visible()
    find_nothing(page)
    desktop = page.viewport_size
    page.set_viewport_size(PHONE)
    check_rows(page, page.url)
    page.set_viewport_size(desktop or PHONE)
    page.get_by_role("button", name="Create a numbered list").click()
    expect(page.get_by_text("A list with a number is being created")).to_be_visible()
    page.get_by_role("button", name="Write all rejected notes again").click()
    expect(page.get_by_text("Writing to HubSpot again.")).to_be_visible()
    page.goto(f"{live_server.url}/contacts/segments/")
    page.get_by_role("link", name="List in HubSpot: France").click()
    expect(page.get_by_text("0 people in the list")).to_be_visible()
    find_nothing(page)
    page.get_by_role("button", name="Stop updating France").click()
    expect(page.get_by_text("The list is no longer updated.")).to_be_visible()
