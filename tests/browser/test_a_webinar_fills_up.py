"""A webinar fills up, in real browsers, with a GoToWebinar over HTTP: no one is lost."""

import http.server
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connections
from playwright.sync_api import Browser, FrameLocator, Page, expect

from registration_forms.links import form_path
from simulators.gotowebinar.process import SimulatorProcess
from sync import tasks
from tests.browser.sign_in import sign_in
from tests.fixtures.goto import run_sync
from webinars.models import Registration, Webinar

pytestmark = pytest.mark.django_db(transaction=True)
State = Registration.State
ByLabel = Callable[[str], Webinar]


@pytest.fixture(autouse=True)
def unhurried(settings: Any) -> None:
    """A browser types faster than people."""
    settings.FORM_LEAST_SECONDS = 0


@pytest.fixture
def upcoming(webinar: ByLabel) -> Webinar:
    upcoming = webinar("upcoming")
    run_sync(upcoming)
    Webinar.objects.filter(pk=upcoming.pk).update(form_enabled=True)
    upcoming.refresh_from_db()
    return upcoming


def fill_in(page: Page | FrameLocator, number: int) -> None:
    page.get_by_label("First name").fill(f"Visitor{number}")
    page.get_by_label("Last name").fill("Núñez")
    page.get_by_label("Email").fill(f"visitor{number}@example.com")
    page.get_by_role("button", name=re.compile("Register|Join the waiting list")).click()
    expect(page.get_by_role("heading", name="One moment…")).to_be_visible()


def pushed_by_two() -> None:
    """Push all pending registrations, by two concurrent workers."""

    def work() -> None:
        try:
            tasks.push_waiting()
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def seats(simulator: SimulatorProcess, webinar: Webinar, free: int) -> int:
    """Leave this many seats free, and return how many are taken."""
    taken = len(simulator.truth(webinar.key)["registrants"])
    simulator.control("POST", "set-limit", {"webinar": webinar.key, "limit": taken + free})
    return taken


def signed_in(browser: Browser, address: str) -> Page:
    page = browser.new_page(viewport={"width": 1280, "height": 900}, locale="en-GB")
    sign_in(page, address)
    return page


@pytest.mark.slow
@pytest.mark.rule(6)
def test_eight_people_for_five_seats_in_two_browsers(
    browser: Browser,
    live_server: Any,
    simulator: SimulatorProcess,
    upcoming: Webinar,
) -> None:
    before = seats(simulator, upcoming, 5)
    form = live_server.url + form_path(upcoming)
    two = [browser.new_context(locale="en-GB") for _ in range(2)]
    pages = []
    for number in range(8):
        page = two[number % 2].new_page()
        page.goto(form)
        fill_in(page, number)
        pages.append(page)
        if number % 2:
            pushed_by_two()
    headings = [page.get_by_role("heading", level=2) for page in pages]
    for heading in headings[:4]:
        expect(heading).to_have_text("You are registered", timeout=10_000)
    texts = []
    for heading in headings[4:]:
        expect(heading).not_to_have_text("One moment…", timeout=10_000)
        texts.append(heading.inner_text())
    assert texts.count("You are registered") == 1
    waiting = sorted(text for text in texts if "waiting list" in text)
    assert [text[-2] for text in waiting] == ["1", "2", "3"]
    truth = simulator.truth(upcoming.key)["registrants"]
    assert len(truth) == before + 5, "never a sixth"

    # Cancel a registrant on GoToWebinar; the marketer promotes the next one.
    gone = next(item["email"] for item in truth if item["email"].startswith("visitor"))
    simulator.control("POST", "cancel", {"webinar": upcoming.key, "email": gone})
    marketer = signed_in(browser, live_server.url)
    marketer.goto(f"{live_server.url}/webinars/{upcoming.pk}/waiting-list/")
    expect(marketer.get_by_text("3 people waiting")).to_be_visible()
    expect(marketer.get_by_role("button", name="Register the next 0 of 3")).to_be_disabled()
    marketer.get_by_role("button", name="Check again and register").click()
    expect(marketer.get_by_text("GoToWebinar is being asked for free seats")).to_be_visible()
    first = Registration.objects.filter(state=State.OVERFLOW).order_by("waiting_since").first()
    assert first is not None
    assert tasks.promote(upcoming.pk) == 1
    tasks.push_waiting()
    first.refresh_from_db()
    assert first.state == State.REGISTERED
    marketer.reload()
    expect(marketer.get_by_text("2 people waiting")).to_be_visible()
    number = int(first.contact.email.removeprefix("visitor")[0])
    pages[number].reload()
    expect(headings[number]).to_have_text("You are registered")

    # Finally every difference between the lists has a reason, and the numbers add up.
    run_sync(upcoming)
    marketer.goto(f"{live_server.url}/webinars/{upcoming.pk}/differences/")
    marketer.get_by_role("button", name="Check now").click()
    assert tasks.compare(upcoming.pk) == "done"
    expect(
        marketer.get_by_text("Every difference is explained, and the numbers add up")
    ).to_be_visible(timeout=15_000)
    expect(marketer.get_by_role("link", name="Webinar was full")).to_be_visible()
    expect(marketer.get_by_role("link", name="Cancelled on GoToWebinar")).to_be_visible()


def test_a_refused_person_is_repaired_by_the_marketer(
    browser: Browser,
    live_server: Any,
    simulator: SimulatorProcess,
    upcoming: Webinar,
) -> None:
    page = browser.new_page(locale="en-GB")
    page.goto(live_server.url + form_path(upcoming))
    # The organizer adds required fields while the visitor types.
    simulator.control("POST", "require-fields", {"webinar": upcoming.key, "fields": ["jobTitle"]})
    fill_in(page, 1)
    tasks.push_waiting()
    title = page.get_by_role("heading", level=2)
    expect(title).to_have_text("GoToWebinar did not accept this registration", timeout=10_000)
    expect(page.get_by_text("because of: Job title")).to_be_visible()

    marketer = signed_in(browser, live_server.url)
    marketer.goto(f"{live_server.url}/webinars/{upcoming.pk}/audience/rejected/")
    marketer.get_by_role("link", name="Correct and send again").click()
    marketer.get_by_label("Job title").fill("Director")
    marketer.get_by_role("button", name="Send it again").click()
    expect(marketer.get_by_text("on its way to GoToWebinar again")).to_be_visible()
    tasks.push_waiting()
    page.reload()
    expect(title).to_have_text("You are registered")


class Site:
    """Another site, of another origin, whose only page has `body` in it."""

    def __init__(self) -> None:
        self.body = ""
        site = self

        class Answering(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(f"<!doctype html><h1>Our news</h1>{site.body}".encode())

            def log_message(self, *_: Any) -> None: ...

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.origin = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.close()


@pytest.mark.parametrize("line", ["Script embed", "iframe embed"])
def test_the_form_works_in_a_page_of_another_origin(
    browser: Browser,
    live_server: Any,
    upcoming: Webinar,
    site: Site,
    settings: Any,
    line: str,
) -> None:
    settings.FORM_FRAME_ORIGINS = [site.origin]
    marketer = signed_in(browser, live_server.url)
    marketer.goto(f"{live_server.url}/webinars/{upcoming.pk}/form/")
    site.body = marketer.get_by_label(line).input_value()
    visitor = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    page = visitor.new_page()
    page.goto(f"{site.origin}/news?utm_source=newsletter")
    frame = page.frame_locator("iframe")
    expect(frame.get_by_label("First name")).to_be_visible()
    # It adapts to its content: the frame ends below the form's last line, and does not scroll.
    last = frame.get_by_role("link", name="français").bounding_box()
    box = page.locator("iframe").bounding_box()
    assert last and box
    assert last["y"] + last["height"] <= box["y"] + box["height"] <= last["y"] + 200
    fill_in(frame, 5)
    tasks.push_waiting()
    expect(frame.get_by_role("heading", name="You are registered")).to_be_visible(timeout=10_000)
    assert not visitor.cookies(), "a frame on another site has none to rely on"
    registration = Registration.objects.get(contact__email="visitor5@example.com")
    assert registration.state == State.REGISTERED
    origin = registration.submissions.get().origin
    assert origin["referrer"].startswith(site.origin)
    if line == "script":
        assert registration.referral_source == "newsletter"


def test_a_site_that_is_not_allowed_shows_no_form(
    browser: Browser, live_server: Any, upcoming: Webinar, site: Site
) -> None:
    site.body = f'<iframe src="{live_server.url}{form_path(upcoming)}?embed=1"></iframe>'
    page = browser.new_page()
    refused = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(site.origin)
    expect(page.frame_locator("iframe").get_by_label("First name")).to_have_count(0)
    assert any("frame-ancestors" in text for text in refused)
