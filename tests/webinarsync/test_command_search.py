"""The command palette: entries that begin with the input, found by indexes, according to
permissions."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from playwright.sync_api import Page, expect

from contacts.deletion import delete_contacts
from contacts.models import AlternateEmail, Contact
from mailings.models import Mailing
from segments.models import Segment
from tests.factories import ContactFactory, WebinarFactory
from tests.fixtures.world import World, signed_in
from tests.rows import insert_contacts
from tests.rows_read import counting
from webinarsync import roles
from webinarsync.command_search import MOST

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def shown(client: Client, text: str) -> list[str]:
    """Return the titles that the palette shows for `text`."""
    answer = client.get("/admin/search/", {"s": text})
    assert answer.status_code == 200
    return [str(result.title) for result in answer.context["results"]]


@pytest.fixture
def ann(world: World) -> Contact:
    return ContactFactory.create(
        email="Boss@Acme.example", first_name="Ann", last_name="Lee", organization="Acme 100%"
    )


@pytest.mark.parametrize(
    "text",
    ["a", "AN", "ann lee", "lee", "Lee, Ann", " lee  ann ", "boss@", "BOSS@acme", "b", "acme 100%"],
)
def test_a_contact_is_found_by_how_name_address_or_organization_begin(
    marketer: Client, ann: Contact, text: str
) -> None:
    assert "Ann Lee" in shown(marketer, text)


@pytest.mark.parametrize("text", ["nn", "%", "_nn", "ann l_e", "acme 100_", "\\", "x" * 101, " "])
def test_no_one_else_is(marketer: Client, ann: Contact, text: str) -> None:
    assert "Ann Lee" not in shown(marketer, text)


@pytest.mark.parametrize("text", ["él", "Él", "ÉL", "élodie žá", "Žák", "ŽÁK", "žák"])
def test_letters_beyond_the_english_ones_are_found_in_any_case(
    world: World, marketer: Client, text: str
) -> None:
    ContactFactory.create(first_name="Élodie", last_name="Žák")
    assert shown(marketer, text) == ["Élodie Žák"]


def test_a_former_address_finds_its_contact(marketer: Client, ann: Contact) -> None:
    AlternateEmail.objects.create(
        contact=ann, email="Former@x.example", email_key="former@x.example"
    )
    assert shown(marketer, "FORMER@") == ["Ann Lee"]


def test_webinars_segments_and_mailings_are_found(world: World, marketer: Client) -> None:
    WebinarFactory.create(connection=world.webinar.connection, subject="Zebras today")
    Segment.objects.create(name="zebra lovers", query="country=Kenya")
    mailing = Mailing.objects.create(subject="ZEBRAS are coming")
    answer = marketer.get("/admin/search/", {"s": "zebra"})
    found = {str(result.title): str(result.link) for result in answer.context["results"]}
    assert found.keys() == {"Zebras today", "zebra lovers", "ZEBRAS are coming"}
    assert found["zebra lovers"] == "/contacts/find/?country=Kenya"
    assert found["ZEBRAS are coming"] == f"/mailings/{mailing.pk}/"
    assert marketer.get(found["Zebras today"]).status_code == 200


def test_pages_are_found_by_a_part_of_their_name(world: World, marketer: Client) -> None:
    assert "Webinars" in shown(marketer, "ebin")
    assert "Registrations" in shown(marketer, "registrat")
    assert shown(signed_in(None), "ebin") == []


def test_it_shows_when_nothing_is_found(marketer: Client) -> None:
    page = marketer.get("/admin/search/", {"s": "<qqq>"}).content.decode()
    assert "Nothing found that begins with “&lt;qqq&gt;”." in page


@pytest.mark.rule(5)
def test_an_erased_person_is_not_found(marketer: Client, ann: Contact) -> None:
    assert shown(marketer, "lee") == ["Ann Lee"]
    delete_contacts(Contact.objects.filter(pk=ann.pk), permanent=True)
    assert shown(marketer, "lee") == []


def test_what_is_no_longer_permitted_is_found_no_more(marketer: Client, ann: Contact) -> None:
    Mailing.objects.create(subject="Leeway")
    assert shown(marketer, "lee") == ["Ann Lee", "Leeway"]
    group = Group.objects.get(name=roles.MARKETERS)
    user = User.objects.get(groups=group)
    group.permissions.remove(*group.permissions.filter(codename="view_contact"))
    # A change of permissions has ended the session.
    marketer.force_login(user)
    assert shown(marketer, "lee") == ["Leeway"]
    user.groups.clear()
    marketer.force_login(user)
    assert shown(marketer, "lee") == []


def test_nothing_is_stored(marketer: Client, ann: Contact, monkeypatch: pytest.MonkeyPatch) -> None:
    def recording_set(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("names were put into the cache")

    monkeypatch.setattr(cache, "set", recording_set)
    answer = marketer.get("/admin/search/", {"s": "lee"})
    assert "Ann Lee" in answer.content.decode() and "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("text", ["f", "first", "z", "zzz", "many", "é", "first last"])
def test_many_contacts_cost_no_more(world: World, marketer: Client, text: str) -> None:
    def read() -> int:
        shown(marketer, text)
        with counting("contacts_%") as rows:
            found = shown(marketer, text)
        assert len(found) <= 4 * MOST + 1
        return rows.count

    few = read()
    insert_contacts(3000, "many")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {Contact._meta.db_table}")
    # SQLite takes a dozen steps a row.
    assert read() <= few + (4000 if connection.vendor == "sqlite" else 200)


def test_the_number_of_questions_is_limited(world: World, marketer: Client) -> None:
    with CaptureQueriesContext(connection) as asked:
        shown(marketer, "éa")
    assert len(asked) <= 30


def test_by_keyboard_in_a_browser(world: World, ann: Contact, live_server: Any, page: Page) -> None:
    client = signed_in(roles.MARKETERS)
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page.goto(f"{live_server.url}/admin/")
    page.keyboard.press("Control+k")
    field = page.locator("#search-input-command")
    expect(field).to_be_focused()
    page.keyboard.type("zzz")
    expect(page.get_by_text("Nothing found that begins with “zzz”.")).to_be_visible()
    field.fill("")
    page.keyboard.type("lee")
    expect(page.locator("#command-results-list").get_by_text("Ann Lee")).to_be_visible()
    expect(page.get_by_text("Nothing found that begins")).to_have_count(0)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{live_server.url}/admin/contacts/contact/{ann.pk}/change/")
