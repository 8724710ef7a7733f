"""Panels registered by packages above are shown on the pages of contacts, to users with
permission."""

import re
from typing import Any

import pytest
from django.contrib.admin import SimpleListFilter
from django.db.models import F, QuerySet
from django.test import Client

from contacts.models import Contact
from contacts.panels import (
    Facts,
    TimelineLinks,
    contact_panels,
    facts,
    merge_sections,
    personal_data_requirements,
    retention_requirements,
    timeline_links,
)
from core.figures import Figure
from core.panels import Action, Column, Filter, Requirement, Section
from tests.factories import ActivityFactory
from tests.fixtures.world import World, signed_in
from webinarsync import roles

LIST = "/admin/contacts/contact/"


class LastNameFilter(SimpleListFilter):
    """People with the same last name."""

    title = "last name"
    parameter_name = "last"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return [("Last1", "Called Last1")]

    def queryset(self, request: Any, queryset: QuerySet[Contact]) -> QuerySet[Contact]:
        return queryset.filter(last_name=self.value()) if self.value() else queryset


def _names(page: str) -> list[str]:
    return re.findall(r"p\d@example\.com", page)


def _page_of(contact: Contact) -> str:
    return f"{LIST}{contact.pk}/change/"


def _shown(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_a_column_is_sorted_by_what_it_annotates(marketer: Client) -> None:
    column = Column(
        "surname", "Surname", lambda contact: f"surname-{contact.surname}", 30,
        annotations=lambda: {"surname": F("last_name")}, ordering="surname",
    )  # fmt: skip
    with contact_panels.columns.register_temporarily(column):
        up, down = (_shown(marketer, f"{LIST}?o={way}7") for way in ("", "-"))
    assert "Surname" in up and "surname-Last0" in up
    assert _names(up) == _names(down)[::-1] != []
    assert "Surname" not in _shown(marketer, LIST)


def test_a_filter_restricts_the_list_as_long_as_it_is_registered(marketer: Client) -> None:
    with contact_panels.filters.register_temporarily(Filter(LastNameFilter)):
        page = _shown(marketer, f"{LIST}?last=Last1")
    assert "Called Last1" in page and set(_names(page)) == {"p1@example.com"}
    assert "Called Last1" not in _shown(marketer, LIST)


def test_an_action_has_its_place_and_a_button_on_the_page(world: World, marketer: Client) -> None:
    may, may_not = (
        Action(
            f"do_{right}", f"Do as {right}…", right, lambda *_: None, -15, f"Do as {right}", "edit"
        )
        for right in ("contacts.change_contact", "auth.delete_user")
    )
    with (
        contact_panels.actions.register_temporarily(may),
        contact_panels.actions.register_temporarily(may_not),
    ):
        listed = _shown(marketer, LIST)
        page = _shown(marketer, _page_of(world.registrations[0].contact))
    offered = re.findall(r'<option value="(\w[\w.]*)"', listed[listed.index('name="action"') :])
    assert offered[:6] == [
        "write_to_contacts", may.name, "register_for_webinar", "merge_two", "delete_selected",
        "mark_internal",
    ]  # fmt: skip
    buttons = re.findall(r'name="action" value="([\w.]+)".*?</span>([^<]*)</button>', page)
    assert buttons == [
        ("write_to_contacts", "Email"),
        (may.name, str(may.page_label)),
        ("register_for_webinar", "Register"),
    ]
    assert str(may_not.page_label) not in listed + page


def test_figures_are_on_the_page_and_side_by_side(world: World, marketer: Client) -> None:
    one, other = (item.contact for item in world.registrations[:2])
    badges = Facts(
        lambda contact: [Figure("Badges", 7, f"badge of {contact.first_name}")],
        lambda contact: [("Badges", f"{contact.first_name}!")],
        order=10,
    )
    section = Section(
        "core/list_links.html",
        lambda _request, pair: {"list_links": [{"label": f"{pair[0]} and {pair[1]}"}]},
    )
    with (
        facts.register_temporarily(badges),
        merge_sections.register_temporarily(section),
    ):
        page = _shown(marketer, _page_of(one))
        merge = _shown(marketer, f"/contacts/merge/{one.pk}/{other.pk}/")
    labels = re.findall(r'<div class="ws-block"><dt>([^<]*)</dt>', page)
    assert labels == [
        "Registrations",
        "Webinars attended",
        "Attendance rate",
        "Questions",
        "Badges",
    ]
    assert f"<dd>7 <small>badge of {one.first_name}</small></dd>" in page
    row = '<th scope="row">Badges</th><td data-label="Stays">First0!</td>'
    assert row + '<td data-label="Is merged into it">First1!</td>' in merge
    assert f"{one} and {other}" in merge


def test_a_group_of_the_timeline_links_to_a_known_webinar(world: World, marketer: Client) -> None:
    contact = world.registrations[0].contact
    for subject in ("Known", "Unknown"):
        ActivityFactory.create(contact=contact, webinar_key=subject, webinar_subject=subject)
    links = TimelineLinks(lambda shown: {"Known": f"/known/{shown.pk}/"})
    with timeline_links.register_temporarily(links):
        page = _shown(marketer, _page_of(contact))
    assert f'<a class="ws-link" href="/known/{contact.pk}/">Known</a>' in page
    assert ">Unknown</h3>" in page


@pytest.mark.parametrize(
    ("role", "address", "requirements"),
    [
        (roles.MARKETERS, "/contacts/{}/personal-data.json", personal_data_requirements),
        (roles.OPERATORS, "/contacts/retention/", retention_requirements),
    ],
)
def test_what_packages_above_require_is_requested(
    world: World, role: str, address: str, requirements: Any
) -> None:
    client, contact = signed_in(role), world.registrations[0].contact
    address = address.format(contact.pk)
    assert client.get(address).status_code == 200
    with requirements.register_temporarily(Requirement("sessions.delete_session")):
        assert client.get(address).status_code == 403
        offered = f"/contacts/{contact.pk}/personal-data.json" in _shown(client, _page_of(contact))
    assert offered == (requirements is retention_requirements)
