"""Rejected registrations are repaired together on a phone, and results appear automatically."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from platforms.records import RegistrationField, RegistrationFields
from registration_forms import fields
from tests.browser.sign_in import sign_in
from tests.factories import registration_in
from tests.fixtures.world import World
from webinars.models import Registration, Webinar

pytestmark = pytest.mark.django_db(transaction=True)
State = Registration.State


def test_on_a_phone_all_are_sent_again_and_the_page_follows(
    transactional_db: None, live_server: Any, world: World, page: Page
) -> None:
    soon = timezone.now() + dt.timedelta(days=3)
    required = RegistrationFields((RegistrationField("job_title", True, 128, ()),), ())
    Webinar.objects.update(
        starts_at=soon, ends_at=soon + dt.timedelta(hours=1), form_fields=fields.stored(required)
    )
    Registration.objects.update(
        **registration_in(State.REJECTED, problem_code="push.refused", join_url="", submitted={})
    )
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, live_server.url)
    page.goto(live_server.url)
    page.get_by_role("link", name="Fix 6 registrations").click()
    expect(page.get_by_role("heading", name="Missing or refused: Job title")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.get_by_label("Job title:").fill("Nurse")
    page.get_by_label("Job title of First1 Last1").fill("Doctor")
    page.get_by_role("button", name="Send 6 registrations again").first.click()
    expect(page.get_by_text("6 are on their way to GoToWebinar…")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    titles = {row.submitted["job_title"] for row in Registration.objects.all()}
    assert titles == {"Nurse", "Doctor"}
    Registration.objects.update(**registration_in(State.REGISTERED))
    expect(page.get_by_text("All have a result.")).to_be_visible(timeout=10_000)
    expect(page.get_by_text("Sending", exact=True)).to_have_count(0)
