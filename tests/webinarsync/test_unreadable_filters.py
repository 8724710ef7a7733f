"""An unreadable condition selects no one, and reports it, wherever a query string selects people:
lists, files, mailings, segments, actions on whole lists."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from contacts.models import Activity
from core.people_filters import PeopleFilter
from mailings.models import Mailing
from segments.models import Segment
from tests.fixtures.world import World
from webinars.filters import AudienceFilter
from webinars.models import Webinar

# An unreadable value never reaches the database.
pytestmark = [pytest.mark.django_db, pytest.mark.pure]

UNREADABLE = "cannot be read"
# Conditions of an audience, of contacts by activity, of the admin's list of contacts, and of its
# list of registrations.
OF_AUDIENCE = [
    "at_least=x", "at_least=-1", "at_most=1e", "at_least=NaN", "since=yesterday",
    "until=2026-02-30", "country=Chile&at_least=x",
    "at_most=" + "9" * 40, "at_least=0.5", "at_least=1000001", "name=" + "a+" * 11,
    "organization=" + "x" * 201,
]  # fmt: skip
OF_FOUND = [
    "attended_at_least=x", "attended_at_least=0", "missed_last_n=-3", "at_least=many", "at_most=x",
    "audience=everybody",
    "webinars=0", "webinars=x", "asked_question=maybe", "consent=1", "source=thin-air",
    "since=soon",
    "until=31.12", "country=Chile&attended_at_least=x", "at_least=" + "9" * 40,
    "missed_last_n=1e30",
    "attended_at_least=1001", "name=" + "x" * 201, "tags=x", "tags=0",
]  # fmt: skip
OF_CONTACTS = [
    "webinar=x", "audience=everybody", "created_at_from=soon", "created_at_to=31.31.2026",
    "created_at_from=2026-01-01&created_at_to=x", "webinar=x&audience=registered",
    "webinar=1&audience=x", "tag=x", "tag=0", "tag=-1",
]  # fmt: skip
OF_REGISTRATIONS = ["audience=everybody", "registered_at_from=soon", "registered_at_to=x"]
ACTION = {"action": "write_to_contacts", "select_across": "1", "_selected_action": "1"}


def text(answer: Any) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return str(body, errors="replace")


def follow(client: Client, answer: Any) -> str:
    """Return the page on which `answer` ends, following a redirect."""
    return text(client.get(answer["Location"])) if answer.status_code == 302 else text(answer)


def selects_no_one(text: str) -> bool:
    return "@example.com" not in text


@pytest.mark.parametrize("query", OF_AUDIENCE)
@pytest.mark.parametrize("kind", ["", "export.csv", "export.xlsx"])
def test_of_an_audience(world: World, marketer: Client, query: str, kind: str) -> None:
    answer = marketer.get(f"/webinars/{world.webinar.pk}/audience/registered/{kind}?{query}")
    page = follow(marketer, answer)
    assert UNREADABLE in page and selects_no_one(page)


@pytest.mark.parametrize("query", OF_AUDIENCE)
def test_of_a_mailing_to_an_audience(world: World, marketer: Client, query: str) -> None:
    path = f"/mailings/to/{world.webinar.pk}/registered/"
    answer = marketer.post(path, {"query": query})
    assert not Mailing.objects.exists() and UNREADABLE in follow(marketer, answer)


@pytest.mark.parametrize("query", OF_FOUND)
@pytest.mark.parametrize("path", ["", "export.csv", "export.xlsx"])
def test_of_contacts_found(world: World, marketer: Client, query: str, path: str) -> None:
    page = follow(marketer, marketer.get(f"/contacts/find/{path}?{query}"))
    assert UNREADABLE in page and selects_no_one(page)


@pytest.mark.parametrize("query", OF_FOUND)
def test_of_a_mailing_to_contacts_found(world: World, marketer: Client, query: str) -> None:
    answer = marketer.post("/mailings/to-search/", {"query": query})
    assert not Mailing.objects.exists() and UNREADABLE in follow(marketer, answer)


@pytest.mark.parametrize("query", OF_FOUND)
def test_of_a_segment(world: World, marketer: Client, query: str) -> None:
    Segment.objects.create(name="S", query=query)
    [(_segment, people)] = marketer.get("/contacts/segments/").context["rows"]
    assert people == 0
    marketer.post("/contacts/segments/save/", {"name": "New", "query": query})
    assert Segment.objects.count() == 1


@pytest.mark.parametrize("query", OF_CONTACTS)
def test_of_the_list_of_contacts(world: World, marketer: Client, query: str) -> None:
    page = text(marketer.get(f"/admin/contacts/contact/?{query}"))
    assert selects_no_one(page) and page.count(UNREADABLE) == 1


def test_of_the_list_of_contacts_where_a_filter_has_nothing_to_choose_from(
    world: World, marketer: Client
) -> None:
    Webinar.objects.update(sync_enabled=False)
    for query in ("webinar=x", "tag=7"):
        page = text(marketer.get(f"/admin/contacts/contact/?{query}"))
        assert selects_no_one(page) and UNREADABLE in page


@pytest.mark.parametrize("query", OF_CONTACTS)
def test_of_an_action_on_all_of_the_list(world: World, marketer: Client, query: str) -> None:
    answer = marketer.post(f"/admin/contacts/contact/?{query}", ACTION)
    assert not Mailing.objects.exists()
    assert UNREADABLE in follow(marketer, answer)


@pytest.mark.parametrize("query", OF_CONTACTS)
def test_of_the_file_of_the_list_of_contacts(world: World, marketer: Client, query: str) -> None:
    answer = marketer.get(f"/contacts/list.csv?{query}")
    assert answer["Location"] == f"/admin/contacts/contact/?{query}", "no file, but the reason"
    page = text(marketer.get(answer["Location"]))
    assert selects_no_one(page) and UNREADABLE in page


@pytest.mark.parametrize("query", OF_REGISTRATIONS)
def test_of_the_list_of_registrations(world: World, marketer: Client, query: str) -> None:
    answer = marketer.get(f"/admin/webinars/registration/?{query}")
    assert answer.context["cl"].result_count == 0 and UNREADABLE in text(answer)


def test_of_the_list_of_submissions(world: World, marketer: Client) -> None:
    answer = marketer.get("/admin/registration_forms/submission/?submitted_at_from=soon")
    assert UNREADABLE in text(answer)


@pytest.mark.parametrize("path", ["", "export.csv"])
def test_of_questions(world: World, marketer: Client, path: str) -> None:
    Activity.objects.create(
        contact=world.registrations[0].contact,
        kind=Activity.Kind.QUESTION,
        key="question:1",
        happened_at=timezone.now(),
        webinar_key=world.webinar.key,
        data={"question": "Why is it so?"},
    )
    base = f"/webinars/{world.webinar.pk}/questions/{path}"
    assert "Why is it so?" in text(marketer.get(base))
    page = follow(marketer, marketer.get(f"{base}?show=all-of-them"))
    assert UNREADABLE in page and "Why is it so?" not in page


def test_of_what_is_applied_for_all(world: World, marketer: Client) -> None:
    path = f"/webinars/{world.webinar.pk}/submitted-values/all/?property=shoe-size"
    assert marketer.get(path).status_code == marketer.post(path).status_code == 404


def subclasses(kind: Any) -> Iterator[Any]:
    for one in kind.__subclasses__():
        yield one
        yield from subclasses(one)


def test_every_filter_of_our_own_is_one_that_finds_no_one() -> None:
    import django_filters

    ours = {
        one
        for one in subclasses(django_filters.FilterSet)
        if not one.__module__.startswith("django_filters")
    }
    assert AudienceFilter in ours
    assert all(issubclass(one, PeopleFilter) for one in ours)
