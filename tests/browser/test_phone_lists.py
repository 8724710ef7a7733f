"""On a phone each row of each list is one card: small, complete, and no wider than the screen.

The lists of the admin are all registered ones.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db.models import F, Value
from django.db.models.functions import Concat
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser

from contacts.models import Contact, OptOut, Tag
from core.emails import email_key
from mailings.models import Mailing, MailTemplate
from platforms.models import Connection
from segments.models import Segment
from sync.models import SyncRun
from tests.browser.axe import find_nothing
from tests.browser.page_weight import weigher
from tests.browser.phone_rows import PHONE, ROWS, check_rows
from tests.browser.sign_in import open_signed_in
from tests.factories import (
    AttendanceFactory,
    ContactFactory,
    MailingFactory,
    RecipientFactory,
    SyncRunFactory,
    UserFactory,
    registration_in,
)
from tests.fixtures.world import World
from webinars.models import Registration, Webinar

pytestmark = pytest.mark.django_db(transaction=True)
Check = Callable[[str], None]


@pytest.fixture
def long_names(world: World, examples: Mapping[str, object]) -> Mapping[str, object]:
    """One object of each kind, all with long names."""
    for contact in Contact.objects.all():
        contact.first_name = "Maximiliane Wilhelmine Alexandra"
        contact.last_name = f"von Hohenstein-Schwarzenberg {contact.pk}"
        contact.email = f"maximiliane.von-hohenstein-schwarzenberg.{contact.pk}@mail.example.com"
        contact.email_key = email_key(contact.email)
        contact.organization = "Norddeutsche Gesellschaft für angewandte Kältetechnik mbH & Co. KG"
        contact.country = "Saint Vincent and the Grenadines"
        contact.save()
    title = "What has changed for operators of heat pumps and cooling plants since the regulation"
    Webinar.objects.update(
        subject=f"{title} of last year", time_zone="America/Argentina/ComodRivadavia"
    )
    for mailing in (Mailing, MailTemplate):
        mailing.objects.update(subject=f"Thank you: {title}")
    MailTemplate.objects.update(name=Concat(Value(title[:50]), F("id")))
    for model in (Tag, Segment):
        model.objects.update(name=title[:60])
    Connection.objects.update(email="organizer.of-all-webinars.at-once@events.mail.example.com")
    OptOut.objects.update(email="maximiliane.von-hohenstein-schwarzenberg@mail.example.com")
    User.objects.filter(username="example").update(
        username="maximiliane.von-hohenstein-schwarzenberg@mail.example.com",
        email="maximiliane.von-hohenstein-schwarzenberg@mail.example.com",
        first_name="Maximiliane Wilhelmine",
        last_name="von Hohenstein-Schwarzenberg",
    )
    SyncRunFactory.create(webinar=world.webinar, failed=True, started_at=timezone.now())
    SyncRun.objects.update(calls=12345, new_registrations=1234, new_contacts=123)
    LogEntry.objects.create(
        user=User.objects.all()[0],
        content_type=ContentType.objects.get_for_model(Webinar),
        object_id="1",
        object_repr=title * 2,
        action_flag=CHANGE,
        change_message='[{"changed": {"fields": ["Title", "Registration form"]}}]',
    )
    return examples


@pytest.fixture
def superuser(transactional_db: None) -> Client:
    client = Client()
    client.force_login(UserFactory.create(username="root", is_superuser=True))
    return client


@pytest.fixture(params=["en-GB", "fr-FR"])
def check(
    request: pytest.FixtureRequest,
    long_names: Mapping[str, object],
    live_server: Any,
    superuser: Client,
    browser: Browser,
) -> Check:
    """Return a function that opens a URL on a phone and checks it in both themes.

    In French the rows are longer, and nothing else differs for axe.
    """
    english = request.param == "en-GB"
    page = browser.new_context(viewport=PHONE, locale=request.param).new_page()
    open_signed_in(page, live_server.url, superuser)
    open_first = weigher(page)

    def look(address: str) -> None:
        page.emulate_media(color_scheme="light")
        if not english:
            page.goto(live_server.url + address)
            check_rows(page, address)
            return
        open_first(live_server.url + address)
        check_rows(page, address)
        find_nothing(page)
        check_rows(page, address)

    return look


@pytest.mark.slow
@pytest.mark.long
def test_each_list_of_the_admin(check: Check) -> None:
    for model in admin.site._registry:
        check(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"))


@pytest.mark.slow
@pytest.mark.long
def test_each_table_of_people(world: World, check: Check, settings: Any) -> None:
    settings.KEEP_PEOPLE_DAYS = 1
    waiting, refused = world.registrations[2:4]
    update = Registration.objects.filter
    update(pk=waiting.pk).update(**registration_in("overflow"))
    update(pk=refused.pk).update(
        **registration_in("rejected", problem_code="push.refused", platform_message="No " * 90)
    )
    AttendanceFactory.create(session__webinar=world.webinar, registration=world.registrations[4])
    now = timezone.now()
    mailing = MailingFactory.create(state="done", started_at=now, finished_at=now)
    RecipientFactory.create(
        mailing=mailing,
        contact=refused.contact,
        state="failed",
        reason_code="refused",
        reason_params={"server_message": "no " * 90},
    )
    long_ago = now - dt.timedelta(days=900)
    Contact.objects.filter(pk=ContactFactory.create().pk).update(created_at=long_ago)
    webinar = f"/webinars/{world.webinar.pk}"
    for address in (
        f"{webinar}/audience/registered/",
        f"{webinar}/audience/rejected/",
        f"{webinar}/audience/attended/",
        f"{webinar}/waiting-list/",
        f"{webinar}/syncs/",
        "/contacts/find/?registered_at_least=0",
        "/contacts/segments/",
        "/contacts/import/",
        "/contacts/retention/",
        f"/mailings/{mailing.pk}/",
        f"/admin/webinars/webinar/{world.webinar.pk}/change/",
    ):
        check(address)


def test_lists_without_javascript(
    long_names: Mapping[str, object], live_server: Any, superuser: Client, browser: Browser
) -> None:
    page = browser.new_context(viewport=PHONE, java_script_enabled=False).new_page()
    open_signed_in(page, live_server.url, superuser)
    for address in ("/admin/contacts/contact/", "/admin/webinars/webinar/"):
        page.goto(live_server.url + address)
        check_rows(page, address)


def test_the_place_around_a_tick_box_ticks_it_and_a_card_leads_to_its_page(
    long_names: Mapping[str, object], live_server: Any, superuser: Client, browser: Browser
) -> None:
    page = browser.new_context(viewport=PHONE).new_page()
    open_signed_in(page, live_server.url, superuser)
    page.goto(f"{live_server.url}/admin/contacts/contact/")
    row = page.locator(ROWS).first
    box = row.bounding_box()
    assert box is not None
    row.click(position={"x": 6, "y": box["height"] - 6})
    assert row.get_by_role("checkbox").is_checked()
    row.click(position={"x": 200, "y": box["height"] - 6})
    page.wait_for_url("**/change/**")


def test_the_open_tab_is_marked_below_the_title(
    world: World, live_server: Any, superuser: Client, browser: Browser
) -> None:
    page = browser.new_context(viewport=PHONE).new_page()
    open_signed_in(page, live_server.url, superuser)
    page.goto(f"{live_server.url}/webinars/{world.webinar.pk}/syncs/")
    tabs = page.locator(".ws-tabbar")
    place = tabs.locator("[aria-current]").bounding_box()
    assert place is not None
    assert place["x"] >= 0 and place["x"] + place["width"] <= PHONE["width"]
    row = tabs.bounding_box()
    assert row is not None and row["height"] < 60
    page.goto(f"{live_server.url}/admin/webinars/webinar/")
    assert page.locator("header h1").inner_text().strip().split("\n")[0].startswith("Webinars")
    assert "chevron" not in page.locator("header h1").inner_text()
