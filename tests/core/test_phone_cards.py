"""Which columns of a list a phone shows, and where."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model
from django.test import RequestFactory
from django.utils.safestring import SafeString

from core.templatetags.phone_cards import TICK, phone_cells
from tests.factories import UserFactory

COLUMNS = ("name", "address", "people", "place", "rest")


def changes(*, columns: Any = (TICK, *COLUMNS), links: Any = None, **of_admin: Any) -> ChangeList:
    """Return a list with `columns`, some of them `links`, whose ModelAdmin has `of_admin`."""
    model_admin = SimpleNamespace(**of_admin)
    shown = SimpleNamespace(list_display=columns, list_display_links=links, model_admin=model_admin)
    return cast(ChangeList, shown)


def cells(*texts: str) -> list[SafeString]:
    """Return the cells of a row as the theme creates them, a checkbox first."""
    row = [f'<td class="field" data-label="label">{text}</td>' for text in texts]
    return [SafeString(cell) for cell in ('<td class="action-checkbox"><input></td>', *row)]


def classes(row: list[SafeString], listed: ChangeList) -> list[str]:
    """Return what is added before the classes of each cell but the checkbox."""
    _tick, *shown = phone_cells(row, listed)
    return [cell.split('class="')[1].split('field"')[0].strip() for cell in shown]


@pytest.mark.pure
def test_the_title_and_the_two_next_columns_are_shown() -> None:
    row = cells("Ann", "a", "b", "c", "d")
    assert classes(row, changes()) == ["ws-card-title", "ws-card-fact", "ws-card-fact", "", ""]
    linked = classes(row, changes(links=("place",)))
    assert linked == ["ws-card-fact", "ws-card-fact", "", "ws-card-title", ""]


@pytest.mark.pure
def test_a_list_names_its_own() -> None:
    listed = changes(phone_columns=("place", "address", "people", "rest"))
    row = cells("Ann", "ann@example.com", "7", "Rome", "–")
    shown = classes(row, listed)
    line = "ws-card-line ws-address"
    assert shown == ["", line, "ws-card-fact ws-labelled", "ws-card-title", ""]


@pytest.mark.pure
def test_long_text_is_whole_in_a_title_and_stays_escaped() -> None:
    row = cells("Ann", "of &quot;Fish &amp; Chips&quot; &lt;Ltd&gt;", "7", "", "")
    tick, _name, address, people, *_rest = phone_cells(row, changes())
    assert '<label class="ws-tick"><input></label></td>' in tick
    assert 'title="of &quot;Fish &amp; Chips&quot; &lt;Ltd&gt;"' in address
    assert "title=" not in people and 'data-label="Label"' in people


@pytest.mark.django_db
@pytest.mark.parametrize("model", admin.site._registry)
def test_columns_that_are_named_exist(model: type[Model]) -> None:
    listed: Any = admin.site._registry[model]
    request = RequestFactory().get("/")
    request.user = UserFactory.create(is_superuser=True)
    there = {getattr(one, "__name__", one) for one in listed.get_list_display(request)}
    assert set(listed.phone_columns) <= there
    # A card links to its row's page like a row of the table.
    links = listed.get_list_display_links(request, listed.get_list_display(request))
    assert not (listed.phone_columns and links) or listed.phone_columns[0] in links
