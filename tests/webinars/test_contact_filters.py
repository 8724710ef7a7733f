"""The list of contacts by webinar and audience, and the counts beside its choices."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories import RegistrationFactory, WebinarFactory
from tests.fixtures.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.rule(8)]
LIST = "/admin/contacts/contact/"


def shown(client: Client, **query: Any) -> Any:
    answer = client.get(LIST, query)
    assert answer.status_code == 200
    return answer.context["cl"]


def counts(client: Client, name: str, **query: Any) -> dict[str, str]:
    """Return the number beside each choice of the filter called `name`."""
    page = shown(client, _facets="True", **query)
    (spec,) = [item for item in page.filter_specs if getattr(item, "parameter_name", "") == name]
    (choice,) = spec.choices(page)
    labels = {
        str(value): str(label) for value, label in choice["form"].fields[name].choices if value
    }
    return {value: label.rpartition(" (")[2].rstrip(")") for value, label in labels.items()}


@pytest.fixture
def second(world: World) -> Any:
    """A second webinar, with two people of the first; one of them cancelled."""
    webinar = WebinarFactory.create(connection=world.webinar.connection, sync_enabled=True)
    for number in (0, 1):
        RegistrationFactory.create(
            webinar=webinar,
            contact=world.registrations[number].contact,
            cancelled_at=timezone.now() if number else None,
        )
    return webinar


@pytest.mark.parametrize(
    "chosen",
    [{}, {"webinar": True}, {"audience": "attended"}, {"webinar": True, "audience": "cancelled"}],
)
def test_each_count_is_what_the_choice_shows(
    world: World, second: Any, marketer: Client, chosen: dict[str, Any]
) -> None:
    query = chosen | ({"webinar": second.pk} if "webinar" in chosen else {})
    for name in ("webinar", "audience"):
        found = counts(marketer, name, **query)
        assert found
        for value, count in found.items():
            assert count == str(shown(marketer, **(query | {name: value})).result_count)


def test_a_filter_that_cannot_be_read_shows_no_one(world: World, marketer: Client) -> None:
    for query in (
        {"webinar": "abc"}, {"webinar": "9" * 40}, {"webinar": "٣"}, {"audience": "everybody"},
        {"webinar": "-1", "audience": "registered"},
    ):  # fmt: skip
        assert shown(marketer, **query).result_count == 0
