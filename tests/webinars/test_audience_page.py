"""The audience page's headings sort, and its filters stay while they do."""

from django.test import Client

from tests.fixtures.world import World


def test_a_heading_sorts_and_the_second_time_the_other_way(world: World, marketer: Client) -> None:
    address = f"/webinars/{world.webinar.pk}/audience/attended/"
    filtered = {"country": "chi", "page": "1"}

    def heading(query: dict[str, str]) -> dict[str, str]:
        columns = marketer.get(address, query).context["columns"]
        found: dict[str, str] = next(item for item in columns if item["name"] == "minutes")
        return found

    assert heading(filtered)["query"] == "country=chi&sort=minutes"
    up = heading(filtered | {"sort": "minutes"})
    assert (up["sorted"], up["query"]) == ("ascending", "country=chi&sort=-minutes")
    assert heading(filtered | {"sort": "-minutes"})["sorted"] == "descending"
    page = marketer.get(address, {"sort": "-minutes"})
    assert [item.minutes_attended for item in page.context["page"]] == [5, 3, 1]
    assert b'aria-sort="descending"' in page.content


def test_each_column_sorts_once(world: World, marketer: Client) -> None:
    address = f"/webinars/{world.webinar.pk}/audience/registered/"
    page = marketer.get(address, {"sort": "name,-minutes," * 1100 + "email"}).context["page"]
    assert len(page.paginator.object_list.query.order_by) == 4


def test_a_filter_that_makes_no_sense_is_named_and_shows_nobody(
    world: World, marketer: Client
) -> None:
    page = marketer.get(
        f"/webinars/{world.webinar.pk}/audience/attended/", {"since": "soon", "sort": "x"}
    )
    assert page.status_code == 200
    assert b"Enter a valid date" in page.content
    assert "condition cannot be read: “Registered from”" in page.content.decode()
    assert len(page.context["page"]) == 0


def test_equals_keep_one_order_so_that_nobody_is_met_twice(world: World, marketer: Client) -> None:
    address = f"/webinars/{world.webinar.pk}/audience/registered/"
    for way in ("country", "-country"):
        page = marketer.get(address, {"sort": way}).context["page"]
        for country in ("Chile", "Peru"):
            equals = [item.pk for item in page if item.contact.country == country]
            assert equals == sorted(equals, reverse=True)
