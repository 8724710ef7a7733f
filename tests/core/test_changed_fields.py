"""Pages save only changed fields, and report if someone else changed the same ones."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape
from typing import Any

import pytest
from django.db import models
from django.test import Client

from contacts.models import AlternateEmail, Contact
from tests.factories import (
    ConsentTextFactory,
    ContactFactory,
    InternalAddressFactory,
    MailTemplateFactory,
    TagFactory,
)
from tests.fixtures.world import World, signed_in
from webinars.models import Webinar
from webinarsync import roles

LIST = "/admin/webinars/webinar/"
FIELD = re.compile(
    r"<input\b[^>]*>|<textarea\b[^>]*>(?P<text>.*?)</textarea>|<select\b.*?</select>", re.S
)
ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
CHOSEN = re.compile(r'<option value="([^"]*)"[^>]* selected')


def fields_of(page: str) -> dict[str, str]:
    """Return the POST data of an unchanged form on `page`."""
    sent = {}
    for found in FIELD.finditer(page):
        tag = found[0].partition(">")[0]
        about = dict(ATTRIBUTE.findall(tag))
        name, kind = about.get("name"), about.get("type", "text")
        if name is None or kind in ("submit", "button", "radio"):
            continue
        if kind == "checkbox" and " checked" not in ATTRIBUTE.sub("", tag + " "):
            continue
        chosen = CHOSEN.search(found[0])
        text = found["text"] or (chosen[1] if chosen else about.get("value"))
        sent[name] = unescape(text or ("on" if kind == "checkbox" else "")).removeprefix("\n")
    del sent["csrfmiddlewaretoken"]
    return sent


def shown(client: Client, path: str) -> dict[str, str]:
    return fields_of(client.get(path).content.decode())


def test_a_webinars_page_writes_no_column_that_a_sync_has_written(
    world: World, marketer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"{LIST}{world.webinar.pk}/change/?settings=1"
    stale = shown(marketer, path)
    full_clean = Webinar.full_clean

    def sync_writes_concurrently(webinar: Webinar, *args: object, **kwargs: object) -> None:
        # Between reading the row and saving it.
        Webinar.objects.filter(pk=webinar.pk).update(subject="Renamed")
        full_clean(webinar, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(Webinar, "full_clean", sync_writes_concurrently)
    marketer.post(path, stale | {"auto_promote": "on"})
    webinar = Webinar.objects.get()
    assert webinar.auto_promote and webinar.subject == "Renamed"


def test_two_people_change_different_fields_of_a_contact(marketer: Client) -> None:
    person = ContactFactory.create(first_name="Ada", city="Bath", email="ada@example.com")
    path = f"/admin/contacts/contact/{person.pk}/change/?edit=1"
    mine, theirs = shown(marketer, path), shown(marketer, path)
    marketer.post(path, theirs | {"city": "York", "email": "ada@example.org"})
    marketer.post(path, mine | {"first_name": "Augusta"})
    stored = Contact.objects.get(pk=person.pk)
    assert (stored.first_name, stored.city, stored.email) == ("Augusta", "York", "ada@example.org")
    assert stored.email_key == "ada@example.org"
    assert AlternateEmail.objects.get().email == "ada@example.com"


def test_a_field_changed_by_both_is_reported_and_not_overwritten(marketer: Client) -> None:
    person = ContactFactory.create(city="Bath")
    path = f"/admin/contacts/contact/{person.pk}/change/?edit=1"
    mine, theirs = shown(marketer, path), shown(marketer, path)
    marketer.post(path, theirs | {"city": "York"})
    answer = marketer.post(path, mine | {"city": "Leeds"})
    page = answer.content.decode()
    assert "This was changed to “York” while you were editing." in page
    assert Contact.objects.get(pk=person.pk).city == "York"
    # After reading the message, they save again.
    again = fields_of(page)
    assert again["city"] == "Leeds"
    assert marketer.post(path, again).status_code == 302
    assert Contact.objects.get(pk=person.pk).city == "Leeds"


def test_a_field_that_both_changed_alike_is_saved(marketer: Client) -> None:
    person = ContactFactory.create(city="Bath")
    path = f"/admin/contacts/contact/{person.pk}/change/?edit=1"
    mine = shown(marketer, path)
    Contact.objects.filter(pk=person.pk).update(city="York")
    assert marketer.post(path, mine | {"city": "York"}).status_code == 302
    assert Contact.objects.get(pk=person.pk).city == "York"


def test_saving_without_a_change_touches_nothing(marketer: Client) -> None:
    person = ContactFactory.create(city="Bath")
    path = f"/admin/contacts/contact/{person.pk}/change/?edit=1"
    marketer.post(path, shown(marketer, path))
    assert Contact.objects.get(pk=person.pk).updated_at == person.updated_at


def test_a_change_moves_the_time_of_the_last_change(marketer: Client) -> None:
    person = ContactFactory.create(city="Bath")
    path = f"/admin/contacts/contact/{person.pk}/change/?edit=1"
    marketer.post(path, shown(marketer, path) | {"city": "York"})
    assert Contact.objects.get(pk=person.pk).updated_at > person.updated_at


@dataclass
class Page:
    """A page of the admin with a field that two people change, and another."""

    row: models.Model
    both: str
    values: tuple[str, str]
    other: str

    @property
    def path(self) -> str:
        meta = self.row._meta
        return f"/admin/{meta.app_label}/{meta.model_name}/{self.row.pk}/change/"


def page_of(kind: str) -> Page:
    if kind == "internal":
        row = InternalAddressFactory.create(text="example.com")
        return Page(row, "text", ("mine.example", "theirs.example"), "text")
    if kind == "template":
        template = MailTemplateFactory.create(name="Old", subject="Old", text="One\nTwo")
        return Page(template, "subject", ("Mine", "Theirs"), "name")
    if kind == "tag":
        return Page(TagFactory.create(), "name", ("Mine", "Theirs"), "name")
    return Page(ConsentTextFactory.create(in_use=False), "in_use", ("on", "on"), "in_use")


KINDS = ["internal", "template", "tag", "consent"]
# What the model itself writes with the field.
WITH = {"internal": {"is_domain"}, "tag": {"name_key"}}


@pytest.fixture
def operator(world: World) -> Client:
    return signed_in(roles.OPERATORS)


@pytest.mark.parametrize("kind", KINDS)
def test_no_page_writes_what_was_not_changed_on_it(
    kind: str, operator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = page_of(kind)
    written: list[object] = []
    save = models.Model.save

    def noticed(row: models.Model, *args: Any, **kwargs: Any) -> None:
        if isinstance(row, type(page.row)):
            written.append(kwargs.get("update_fields"))
        save(row, *args, **kwargs)

    monkeypatch.setattr(models.Model, "save", noticed)
    stale = shown(operator, page.path)
    if kind == "template":
        # A browser replaces line ends.
        stale["text"] = stale["text"].replace("\n", "\r\n")
        stale["initial-text"] = stale["initial-text"].replace("\n", "\r\n")
    assert operator.post(page.path, stale).status_code == 302
    assert written == []
    assert operator.post(page.path, stale | {page.other: page.values[0]}).status_code == 302
    wanted = {page.other} | WITH.get(kind, set())
    assert [set(fields) for fields in written if isinstance(fields, Iterable)] == [wanted]


@pytest.mark.parametrize("kind", ["internal", "template", "tag"])
def test_no_page_overwrites_what_someone_else_changed_in_the_meantime(
    kind: str, operator: Client
) -> None:
    page = page_of(kind)
    mine, theirs = shown(operator, page.path), shown(operator, page.path)
    operator.post(page.path, theirs | {page.both: page.values[1]})
    answer = operator.post(page.path, mine | {page.both: page.values[0]})
    assert f"This was changed to “{page.values[1]}” while" in answer.content.decode()
    page.row.refresh_from_db()
    assert getattr(page.row, page.both) == page.values[1]


def test_a_text_of_several_lines_is_changed_by_one_alone(operator: Client) -> None:
    template = MailTemplateFactory.create(text="One\nTwo")
    path = f"/admin/mailings/mailtemplate/{template.pk}/change/"
    sent = shown(operator, path)
    sent["initial-text"] = sent["initial-text"].replace("\n", "\r\n")
    assert operator.post(path, sent | {"text": "One\r\nThree"}).status_code == 302
    template.refresh_from_db()
    assert template.text.splitlines() == ["One", "Three"]


def test_an_address_becomes_a_domain_by_its_page(operator: Client) -> None:
    row = InternalAddressFactory.create(text="ann@example.com")
    path = f"/admin/webinars/internaladdress/{row.pk}/change/"
    operator.post(path, shown(operator, path) | {"text": "example.org"})
    row.refresh_from_db()
    assert (row.text, row.is_domain) == ("example.org", True)
