"""Above a list its active filters are shown as text, each with a link that removes it."""

import html
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.contrib import admin
from django.db import models
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.text import capfirst

from contacts.models import Contact, Tag
from core import dates
from tests.factories import UserFactory, WebinarFactory
from tests.fixtures.world import World

pytestmark = pytest.mark.django_db
Chips = Callable[[str], list[tuple[str, str]]]
CHIP = re.compile(r'<li class="ws-chip[^"]*"><span>([^<]*)</span><a href="\?([^"]*)"')


@pytest.fixture
def chips(marketer: Client) -> Chips:
    """Return a function that gives the chips of a page: their texts, and the queries without
    them."""

    def found(address: str) -> list[tuple[str, str]]:
        page = marketer.get(address).content.decode()
        pairs = CHIP.findall(page)
        return [(html.unescape(text), html.unescape(query)) for text, query in pairs]

    return found


def day(written: str) -> str:
    import datetime as dt

    with translation.override("en"):
        return dates.day(dt.date.fromisoformat(written))


def test_of_an_audience(world: World, chips: Chips) -> None:
    address = f"/webinars/{world.webinar.pk}/audience/registered/"
    assert chips(f"{address}?country=&sort=name") == []
    assert chips(f"{address}?name=ana&since=2026-03-05&sort=-name&page=2&country=&at_least=3") == [
        ("Name or email: ana", "since=2026-03-05&sort=-name&country=&at_least=3"),
        (f"Registered from: {day('2026-03-05')}", "name=ana&sort=-name&country=&at_least=3"),
        ("Minutes attended, at least: 3", "name=ana&since=2026-03-05&sort=-name&country="),
    ]


def test_of_those_found_each_value_is_one(world: World, chips: Chips) -> None:
    other = WebinarFactory.create(
        subject="Another one", connection=world.webinar.connection, synced=True
    )
    webinars = f"webinars={world.webinar.pk}&webinars={other.pk}&webinars={other.pk}"
    query = f"audience=no-show&{webinars}&source=form&source=platform&consent=yes"
    found = dict(chips(f"/contacts/find/?{query}"))
    assert found["Audience: No-show"] == (f"{webinars}&source=form&source=platform&consent=yes")
    [name] = [text for text in found if "Another one" in text]
    assert name.startswith("Webinars: Another one")
    assert f"webinars={other.pk}&" not in found[name]
    assert f"webinars={world.webinar.pk}&" in found[name]
    assert "source=platform" in found["Source: Registration form"]
    assert "source=form" not in found["Source: Registration form"]
    assert "consent" not in found["Agreed to marketing: Yes"]
    assert len(found) == 6


def test_what_cannot_be_read_is_marked_and_can_be_removed(
    world: World, marketer: Client, chips: Chips
) -> None:
    for address in (f"/webinars/{world.webinar.pk}/audience/registered/", "/contacts/find/"):
        page = marketer.get(f"{address}?since=soon&country=chile").content.decode()
        assert page.count('<li class="ws-chip ws-bad">') == 1
        assert page.count('<li class="ws-chip">') == 1
        assert ("Registered from: soon" in page) or ("Added after: soon" in page)
    assert chips("/contacts/find/?tags=x&webinars=0") == [
        ("Webinars: 0", "tags=x"), ("With any of these tags: x", "webinars=0"),
    ]  # fmt: skip


def test_of_the_list_of_contacts(world: World, marketer: Client, chips: Chips) -> None:
    tag = Tag.objects.create(name="Fair <2026>")
    Contact.objects.update(source="import")
    address = "/admin/contacts/contact/"
    assert chips(address) == []
    query = (
        f"q=last&tag={tag.pk}&webinar={world.webinar.pk}&audience=attended"
        "&source__exact=import&created_at_from=2026-03-05&created_at_to=&p=1"
    )
    found = dict(chips(f"{address}?{query}"))
    assert found["Search: last"].startswith("tag=")
    assert found["Audience: Attended"].startswith(f"q=last&tag={tag.pk}&webinar=")
    assert "audience" not in found["Audience: Attended"]
    assert any(text.startswith("Webinar: A webinar") for text in found)
    assert "source" not in found["Source: Imported file"]
    assert "created_at" not in found[f"Created: {day('2026-03-05')} – …"]
    assert "Tag: Fair <2026>" in found and len(found) == 6
    assert all("p=1" not in left for left in found.values())
    page = marketer.get(f"{address}?{query}").content.decode()
    assert "Remove the filter Tag: Fair &lt;2026&gt;" in page and "Clear all" in page


@pytest.mark.parametrize(
    "query", ["created_at_from=soon", "tag=x", "webinar=x", "audience=x", "source__exact=x"]
)
def test_of_the_list_of_contacts_what_cannot_be_read(
    world: World, marketer: Client, query: str
) -> None:
    page = marketer.get(f"/admin/contacts/contact/?{query}").content.decode()
    assert '<li class="ws-chip ws-bad">' in page


@pytest.mark.slow
def test_of_each_list_of_the_admin(world: World, examples: Mapping[str, object]) -> None:
    """All options of filters, and lists without any filter yet."""
    client = Client()
    client.force_login(UserFactory.create(username="root", is_superuser=True, is_staff=True))
    seen = set()
    for model in admin.site._registry:
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        changes = client.get(address).context["cl"]
        for item in changes.filter_specs:
            field: Any = getattr(item, "field", None)
            simple: Any = getattr(item, "parameter_name", None)
            names = [simple] if field is None else item.expected_parameters()
            if getattr(item, "is_day_range", False):
                values = ["2026-03-05"]
            elif field is not None and field.is_relation:
                rows: Any = field.related_model._default_manager.all()
                values = [str(row.pk) for row in rows[:1]]
            elif field is not None and isinstance(field, models.BooleanField):
                values = ["1", "0"]
            elif field is None:
                values = [str(value) for value, _label in item.lookup_choices]
            else:
                values = [str(value) for value, _label in field.flatchoices] or ["x"]
            for value in values[:2]:
                page = client.get(address, {names[0]: value}).content.decode()
                texts = [html.unescape(text) for text, _query in CHIP.findall(page)]
                assert [text for text in texts if text.startswith(str(capfirst(item.title)))], (
                    address,
                    names,
                    value,
                    texts,
                )
                seen.add((model, names[0]))
    assert len(seen) > 15
