"""Lists have a labelled button to add a row, and its page shows only what to fill in."""

from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import translation

from tests.fixtures.world import World, signed_in
from webinarsync import roles

pytestmark = [pytest.mark.pure, pytest.mark.django_db]
SITE: dict[Any, Any] = admin.site._registry


class Links(HTMLParser):
    """The words of each link, by its address without a query."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, list[str]] = {}
        self._address = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._address = (dict(attrs).get("href") or "").partition("?")[0]
            self.found.setdefault(self._address, []).append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._address = ""

    def handle_data(self, data: str) -> None:
        if self._address:
            self.found[self._address][-1] += data.strip()


@pytest.fixture(params=[roles.MARKETERS, roles.OPERATORS, "superuser"])
def client(world: World, request: pytest.FixtureRequest) -> Client:
    if request.param != "superuser":
        return signed_in(request.param)
    client = Client()
    client.force_login(User.objects.create_superuser("root", password=None))
    return client


def pages(client: Client, page: str) -> list[tuple[Any, str]]:
    """Return the pages `page` of the models of which the user may add rows."""
    request = RequestFactory().get("/admin/")
    request.user = User.objects.get(pk=client.session["_auth_user_id"])
    return [
        (shown, reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"))
        for model, shown in SITE.items()
        if shown.has_add_permission(request)
    ]


def test_no_value_that_the_database_sets_is_shown(client: Client) -> None:
    for _shown, address in pages(client, "add"):
        assert "DatabaseDefault" not in client.get(address).content.decode(), address


def test_no_page_to_add_a_row_links_to_itself(client: Client) -> None:
    found = pages(client, "add")
    assert found
    for shown, address in found:
        page = client.get(address).content.decode()
        assert address not in Links(page).found, address
        assert str(shown.add_label) in page, address


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_button_of_a_list_has_words(client: Client, language: str) -> None:
    addresses = dict(pages(client, "add"))
    for shown, address in pages(client, "changelist"):
        reply = client.get(address, headers={"Accept-Language": language})
        with translation.override(language):
            label = str(shown.add_label)
        assert label, address
        assert Links(reply.content.decode()).found[addresses[shown]] == [label], address


def test_a_list_to_which_the_user_adds_nothing_has_no_such_button(
    world: World, marketer: Client
) -> None:
    for model, shown in SITE.items():
        meta = model._meta
        name = f"admin:{meta.app_label}_{meta.model_name}"
        reply = marketer.get(reverse(f"{name}_changelist"))
        if reply.status_code == 200 and not reply.context["has_add_permission"]:
            assert reverse(f"{name}_add") not in reply.content.decode(), shown
