"""Values that the platform would receive differently are reported before an import."""

import pytest
from django.test import Client

from tests.contact_imports.test_imports import HEAD, check, run, upload
from tests.contact_imports.test_undo import lines_of_file, person
from tests.fixtures.world import World

pytestmark = pytest.mark.django_db


@pytest.mark.rule(2)
def test_the_check_shows_what_the_platform_gets_differently(world: World, marketer: Client) -> None:
    long = "Very long name of an organization " * 5
    upload(
        marketer,
        f"{HEAD},country,organization,state\na@example.com,A,A,DE,,Bavaria\n"
        f"b@example.com,B,B,Germany,{long},\nc@example.com,C,C,France,Kite,\n"
        "p0@example.com,First0,Last0,DE,,\n",
        webinar=world.webinar.pk,
    )
    item = check(marketer)
    assert item.sent_differently == 2, "registered people are not sent again"
    address = f"/contacts/import/{item.pk}/"
    assert "Of 2 people, GoToWebinar gets a value differently" in (
        marketer.get(address).content.decode()
    )
    page = marketer.get(f"{address}?show=sent").content.decode()
    assert "“Germany” instead of “DE”" in page and "states of the United States only" in page
    assert "shortened to 128 characters" in page and "…" in page
    rows = lines_of_file(marketer, f"{address}lines.csv?show=sent")
    assert [row["line"] for row in rows] == ["2", "3"]
    assert "“Germany” instead of “DE”" in rows[0]["sent_differently"]
    run(marketer, item)
    assert person("a").country == "DE", "the contact keeps its own"
    assert marketer.get(f"{address}?show=sent").content.decode().count("instead of “DE”") == 1


def test_without_a_webinar_nothing_is_sent(world: World, marketer: Client) -> None:
    upload(marketer, f"{HEAD},country\na@example.com,A,A,DE\n")
    item = check(marketer)
    assert item.sent_differently == 0
    assert "Sent differently" not in marketer.get(f"/contacts/import/{item.pk}/").content.decode()
