"""The audience page's headings sort, and its filters stay."""

import html
import re

import pytest
from django.test import Client

from tests.fixtures.world import World


def test_a_heading_sorts_and_the_second_time_the_other_way(world: World, marketer: Client) -> None:
    address = f"/webinars/{world.webinar.pk}/audience/attended/"
    filtered = {"country": "chi", "page": "1"}

    def heading(query: dict[str, str]) -> tuple[str, str]:
        """Return how the heading of the minutes shows its sorting, and its link."""
        page = marketer.get(address, query).content.decode()
        found = re.search(r'<th scope="col"([^>]*)><a href="([^"]*)">Minutes', page)
        assert found is not None
        return found[1], html.unescape(found[2])

    # The longest first.
    assert heading(filtered) == (' class="ws-number"', "?country=chi&sort=-minutes")
    down = heading(filtered | {"sort": "-minutes"})
    assert down == (' aria-sort="descending" class="ws-number"', "?country=chi&sort=minutes")
    assert 'aria-sort="ascending"' in heading(filtered | {"sort": "minutes"})[0]
    table = marketer.get(address, {"sort": "-minutes"}).context["table"]
    assert [item.minutes_attended for item in table.records] == [5, 3, 1]


@pytest.mark.parametrize("sort", ["name,-minutes," * 1100, "name", "-name"])
def test_one_column_sorts(world: World, marketer: Client, sort: str) -> None:
    address = f"/webinars/{world.webinar.pk}/audience/registered/"
    table = marketer.get(address, {"sort": sort}).context["table"]
    names = [item.contact.last_name for item in table.records]
    assert names == sorted(names, reverse=sort.startswith("-"))


@pytest.mark.parametrize("sort", ["shoe-size", "status", "tick", "-", "pk"])
def test_what_no_column_sorts_by_is_ignored(world: World, marketer: Client, sort: str) -> None:
    address = f"/webinars/{world.webinar.pk}/audience/registered/"
    as_usual, sorted_by = (
        marketer.get(address, query).context["table"].records for query in ({}, {"sort": sort})
    )
    assert as_usual == sorted_by != []


def test_a_filter_that_makes_no_sense_is_named_and_shows_no_one(
    world: World, marketer: Client
) -> None:
    page = marketer.get(
        f"/webinars/{world.webinar.pk}/audience/attended/", {"since": "soon", "sort": "x"}
    )
    assert page.status_code == 200
    assert b"Enter a valid date" in page.content
    assert "condition cannot be read: “Registered from”" in page.content.decode()
    assert page.context["table"].is_empty


def test_equal_rows_have_a_fixed_order_so_that_no_one_is_listed_twice(
    world: World, marketer: Client
) -> None:
    address = f"/webinars/{world.webinar.pk}/audience/registered/"
    for way in ("country", "-country"):
        page = marketer.get(address, {"sort": way}).context["table"].records
        for country in ("Chile", "Peru"):
            equals = [item.pk for item in page if item.contact.country == country]
            assert equals == sorted(equals, reverse=True)
