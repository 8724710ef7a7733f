"""The dashboard in a browser: each of the four questions is answered on one screen."""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from playwright.sync_api import Browser, Page, ViewportSize, expect

from mailings.models import Recipient
from tests.browser.sign_in import open_signed_in
from tests.factories import (
    ActivityFactory,
    AttendanceFactory,
    SessionFactory,
    SyncRunFactory,
    WebinarFactory,
    registration_in,
)
from tests.fixtures.world import World, make_people
from webinars.models import Registration, Webinar

pytestmark = pytest.mark.django_db(transaction=True)
State = Registration.State


@pytest.fixture
def monday(transactional_db: None, world: World) -> World:
    """A webinar that ran an hour ago, with an open question, and an upcoming one, nearly full."""
    past, now = world.webinar, timezone.now()
    Webinar.objects.filter(pk=past.pk).update(ends_at=now - dt.timedelta(hours=1))
    begun = now - dt.timedelta(hours=2)
    session = SessionFactory.create(
        webinar=past, started_at=begun, ended_at=begun + dt.timedelta(minutes=30)
    )
    for item in world.registrations[1::2]:
        AttendanceFactory.create(session=session, registration=item, minutes=15)
    ActivityFactory.create(contact=world.registrations[1].contact, webinar=past, question=True)
    coming = WebinarFactory.create(
        connection=past.connection, subject="A webinar to come", synced=True,
        starts_at=now + dt.timedelta(days=3), registration_limit=10, registrant_count=9,
    )  # fmt: skip
    make_people(coming, 4, prefix="c")
    waits = Registration.objects.filter(webinar=coming).latest("pk")
    Registration.objects.filter(pk=waits.pk).update(**registration_in(State.OVERFLOW))
    SyncRunFactory.create(webinar=coming)
    return world


@pytest.fixture(params=["en", "fr"])
def language(request: Any) -> Iterator[str]:
    with translation.override(request.param):
        yield request.param


@pytest.fixture(params=[1280, 390], ids=["laptop", "phone"])
def page(
    monday: World,
    marketer: Client,
    browser: Browser,
    live_server: Any,
    language: str,
    request: Any,
) -> Iterator[Page]:
    """A marketer's browser, signed in and on the dashboard."""
    size = ViewportSize(width=request.param, height=844)
    context = browser.new_context(viewport=size, locale=language, base_url=live_server.url)
    page = context.new_page()
    open_signed_in(page, live_server.url, marketer)
    yield page
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    context.close()


def test_are_both_sides_in_sync(page: Page) -> None:
    expect(page.get_by_role("region", name=_("Sync status"))).to_be_visible()
    expected = {
        "en": "All 2 webinars are in sync. Last checked just now",
        "fr": "Les 2 webinaires sont synchronisés. Dernière vérification à l’instant",
    }[translation.get_language()]
    expect(page.get_by_text(expected)).to_be_visible()


def test_upcoming_webinars_and_how_full_they_are(page: Page) -> None:
    coming = page.locator(".ws-card", has_text="A webinar to come").first
    bar = coming.get_by_role("progressbar", name=_("Seats taken"))
    assert bar.get_attribute("value") == "9" and bar.get_attribute("max") == "10"
    # The chart is drawn, and its table is available to screen readers.
    figure = page.locator("[data-chart=lines]")
    expect(figure.locator("canvas")).to_be_visible()
    # Its legend has pieces of its lines, the usual pace dashed.
    legend = figure.locator("canvas").evaluate(
        "canvas => Chart.getChart(canvas).legend.legendItems.map(i => [i.pointStyle, i.lineDash])"
    )
    assert [style for style, _dash in legend] == ["line"] * len(legend) and len(legend) >= 2
    assert legend[0][1] == [] and legend[1][1] != []
    figure.get_by_text(_("Show data table")).click()
    expect(figure.get_by_role("rowheader", name=_("The day itself"))).to_be_visible()


def test_who_came_and_who_asked_something(page: Page) -> None:
    lately = page.locator(".ws-card", has_text=re.compile(r"50\s?%"))
    lately.get_by_role("link", name="A webinar").click()
    for chart in ("lying", "stacked", "bars", "lines"):
        expect(page.locator(f"[data-chart={chart}] canvas")).to_be_visible()
    page.goto("/admin/")
    count = {"en": "1 unanswered question", "fr": "1 question sans réponse"}
    expect(page.get_by_text(count[translation.get_language()])).to_be_visible()
    page.get_by_role("link", name=_("Reply"), exact=True).click()
    expect(page.get_by_text("Why not?")).to_be_visible()
    expect(page.get_by_role("link", name="First1 Last1")).to_be_visible()


def test_whom_to_email(page: Page) -> None:
    expected = {
        "en": "1 person on the waiting list hasn't been emailed",
        "fr": "1 personne en liste d’attente n’a pas reçu d’e-mail",
    }
    expect(page.get_by_text(expected[translation.get_language()])).to_be_visible()
    write = ngettext("Email %(count)d person", "Email %(count)d people", 1) % {"count": 1}
    page.get_by_role("button", name=write).click()
    expect(page.locator("[name=subject]")).to_be_visible()
    assert [item.contact.email for item in Recipient.objects.all()] == ["c3@example.com"]


def test_saved_and_continued_with_the_keyboard(page: Page, monday: World) -> None:
    contact = monday.registrations[1].contact
    page.goto(f"/admin/contacts/contact/{contact.pk}/change/?edit=1")
    page.locator("[name=first_name]").fill("Ida")
    with page.expect_navigation():
        page.keyboard.press("Control+s")
    contact.refresh_from_db()
    assert contact.first_name == "Ida"
    page.locator("body").press("n")
    page.wait_for_url(f"**/contact/{monday.registrations[0].contact_id}/change/")
    page.locator("body").press("p")
    page.wait_for_url(f"**/contact/{contact.pk}/change/")
    page.locator("body").press("Control+k")
    expect(page.locator("#command-results, [x-ref=searchInputCommand]").first).to_be_visible()
