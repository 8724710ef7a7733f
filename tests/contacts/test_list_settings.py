"""The columns that a user sees in a list of people, and saved views."""

import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from contacts.contact_hooks import People, scrub
from contacts.models import ChosenColumns, Consent, Contact, OptOut, SavedView
from contacts.tags import give
from core.audit import in_words
from tests.factories import ActivityFactory
from tests.fixtures.world import World, signed_in
from webinarsync import roles

pytestmark = pytest.mark.django_db
LIST = "/admin/contacts/contact/"
FIND = "/contacts/find/"


@pytest.fixture(params=["audience", "find", "list"])
def address(request: pytest.FixtureRequest, world: World) -> str:
    audience = f"/webinars/{world.webinar.pk}/audience/registered/"
    return {"audience": audience, "find": FIND, "list": LIST}[request.param]


@pytest.fixture(params=["audience", "list"])
def saving(request: pytest.FixtureRequest, world: World) -> str:
    """Return a list whose filters are saved as views."""
    return LIST if request.param == "list" else f"/webinars/{world.webinar.pk}/audience/attended/"


def columns(client: Client, address: str) -> list[str]:
    """Return the optional columns of a list."""
    context: Any = client.get(address).context
    if "cl" in context:
        names = [getattr(item, "__name__", item) for item in context["cl"].list_display]
        return [name for name in names if name not in ("action_checkbox", "person")]
    return [item.name for item in context["table"].columns if item.name not in ("tick", "name")]


def choose(client: Client, address: str, *names: str, **more: str) -> Any:
    return client.post(address, {"list_settings": "columns", "column": names} | more)


def test_everyone_has_the_columns_that_they_chose(marketer: Client, address: str) -> None:
    usual = columns(marketer, address)
    answer = choose(marketer, f"{address}?country=chile&columns=phone", "job_title", "country", "x")
    # Columns in the URL are ignored.
    assert answer["Location"] == f"{address}?country=chile"
    assert set(columns(marketer, address)) == {"job_title", "country"}
    assert columns(signed_in(roles.OPERATORS), address) == usual
    # Selected again, and none selected.
    choose(marketer, address, "city")
    assert columns(marketer, address) == ["city"]
    choose(marketer, address)
    assert columns(marketer, address) == []
    assert ChosenColumns.objects.count() == 1
    choose(marketer, address, "city", usual="yes")
    assert columns(marketer, address) == usual and not ChosenColumns.objects.exists()
    choose(marketer, address, *usual)
    assert not ChosenColumns.objects.exists()


def test_an_address_names_columns(marketer: Client, address: str) -> None:
    choose(marketer, address, "city")
    named = columns(marketer, f"{address}?columns=phone,country")
    assert set(named) == {"phone", "country"}
    assert columns(marketer, f"{address}?columns=country,phone,shoe-size,password") == named
    assert columns(marketer, f"{address}?columns=") == []
    # It does not filter, and no message claims that it does.
    page = marketer.get(f"{address}?columns=phone").content.decode()
    assert "p5@example.com" in page or "Last5" in page


def test_each_column_has_something_to_show(world: World, marketer: Client) -> None:
    contact = world.registrations[1].contact
    Contact.objects.filter(pk=contact.pk).update(
        job_title="Pilot", phone="+56 2", city="Iquique", organization="Airline"
    )
    give({contact.pk: ["fair", "news"]}, user_id=None)
    seen = ActivityFactory.create(contact=contact, webinar=world.webinar, question=True)
    Consent.objects.create(
        contact=contact, granted=True, source="import", decided_at=seen.happened_at
    )
    other = world.registrations[2].contact
    OptOut.objects.create(
        contact=other, email_hash="x", source="colleague", opted_out_at=seen.happened_at
    )
    for address in (FIND, f"/webinars/{world.webinar.pk}/audience/registered/"):
        every = re.findall(r'name="column" value="(\w+)"', marketer.get(address).content.decode())
        table = marketer.get(f"{address}?columns={','.join(every)}").context["table"]
        rows = {table.contact_of(row.record).pk: row for row in table.page.object_list}
        row = rows[contact.pk]
        for name, text in (
            ("job_title", "Pilot"), ("phone", "+56 2"), ("city", "Iquique"), ("tags", "fair, news"),
            ("marketing", "Yes"), ("organization", "Airline"),
        ):  # fmt: skip
            assert row.get_cell(name) == text, (address, name)
        assert row.get_cell("last_seen") and row.get_cell("source")
        assert rows[other.pk].get_cell("marketing") == "Unsubscribed"
        assert rows[world.registrations[3].contact_id].get_cell("marketing") == ""


def save(client: Client, address: str, name: str, **more: str) -> str:
    posted = {"list_settings": "save_view", "name": name} | more
    return str(client.post(address, posted, follow=True).content.decode())


def views(client: Client, address: str) -> dict[str, tuple[str, bool]]:
    """Return, by name, the query of each view and whether the user may delete it."""
    return {
        view.name: (query, is_own) for view, query, is_own in client.get(address).context["views"]
    }


def test_a_view_is_the_filters_the_order_and_the_columns(marketer: Client, saving: str) -> None:
    choose(marketer, saving, "phone", "city")
    shown = save(marketer, f"{saving}?country=chile&sort=-name&page=2&p=1", "Chileans")
    if saving != LIST:
        assert "View “Chileans” saved." in shown
        [(query, is_own)] = views(marketer, saving).values()
        assert is_own and set(query.split("&")) == {
            "country=chile", "sort=-name", "columns=phone%2Ccity",
        }  # fmt: skip
        choose(marketer, saving, "job_title")
        page = marketer.get(f"{saving}?{query}")
        assert columns(marketer, f"{saving}?{query}") == ["phone", "city"]
        names = [item.contact.last_name for item in page.context["table"].records]
        assert names == ["Last5", "Last3", "Last1"]
    assert in_words(LogEntry.objects.latest("pk")).sentence == "View saved."


def test_a_view_of_the_list_of_contacts(marketer: Client, world: World) -> None:
    save(marketer, f"{LIST}?q=last&o=-1&columns=phone,country&audience=attended", "Attendees")
    [(query, _is_own)] = views(marketer, LIST).values()
    assert set(query.split("&")) == {
        "q=last", "o=-1", "audience=attended", "columns=country%2Cphone",
    }  # fmt: skip
    page = marketer.get(f"{LIST}?{query}")
    assert [item.last_name for item in page.context["cl"].result_list] == [
        "Last5", "Last3", "Last1",
    ]  # fmt: skip


def test_a_view_is_private_or_shared(marketer: Client, saving: str) -> None:
    save(marketer, saving, "Mine")
    save(marketer, saving, "Ours", is_shared="on")
    colleague = signed_in(roles.OPERATORS)
    assert {name: own for name, (_query, own) in views(marketer, saving).items()} == {
        "Mine": True, "Ours": True,
    }  # fmt: skip
    assert {name: own for name, (_query, own) in views(colleague, saving).items()} == {
        "Ours": False
    }
    keys = list(SavedView.objects.values_list("pk", flat=True))
    for key in (*keys, "x", ""):
        colleague.post(saving, {"list_settings": f"delete_view:{key}"})
    assert SavedView.objects.count() == 2
    answer = marketer.post(f"{saving}?q=a", {"list_settings": f"delete_view:{keys[0]}"})
    assert answer["Location"] == f"{saving}?q=a"
    assert [view.name for view in SavedView.objects.all()] == ["Ours"]
    # Colleagues can delete the shared views of a former user.
    SavedView.objects.update(created_by=None)
    colleague.post(saving, {"list_settings": f"delete_view:{keys[1]}"})
    assert not SavedView.objects.exists()


def test_a_view_is_saved_again_under_its_name(marketer: Client, saving: str) -> None:
    for country in ("chile", "peru"):
        query = f"{saving}?q={country}" if saving == LIST else f"{saving}?country={country}"
        save(marketer, query, " Ours ", is_shared="on")
    save(signed_in(roles.OPERATORS), saving, "Ours")
    first, _of_a_colleague = SavedView.objects.order_by("pk")
    assert first.query.endswith("=peru") and first.name == "Ours"


def test_each_list_has_its_own(world: World, marketer: Client) -> None:
    audience = f"/webinars/{world.webinar.pk}/audience/attended/"
    save(marketer, audience, "Of webinars")
    save(marketer, LIST, "Of contacts")
    assert views(marketer, audience).keys() == {"Of webinars"}
    assert views(marketer, LIST).keys() == {"Of contacts"}
    # Conditions of the search are saved as segments.
    save(marketer, f"{FIND}?country=chile", "Of those found")
    assert views(marketer, FIND) == {} and SavedView.objects.count() == 2


def test_a_name_is_asked_for(marketer: Client, saving: str) -> None:
    assert "This field is required." in save(marketer, saving, " ")
    assert "at most 80 characters" in save(marketer, saving, "x" * 81)
    assert not SavedView.objects.exists()


def test_views_are_limited(marketer: Client, saving: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contacts.list_settings._MOST_VIEWS", 1)
    save(marketer, saving, "One")
    assert "You have 1 saved views." in save(marketer, saving, "Two")
    assert SavedView.objects.count() == 1


def test_an_erased_person_is_in_no_view(world: World, marketer: Client) -> None:
    gone = world.registrations[0].contact
    audience = f"/webinars/{world.webinar.pk}/audience/attended/"
    save(marketer, f"{LIST}?q=p0%40example.com&source__exact=form", str(gone))
    save(marketer, f"{audience}?name=first0&country=chile", "One")
    save(marketer, f"{LIST}?q=last", "All")
    people = People(
        ids=frozenset({gone.pk}),
        emails=frozenset({gone.email_key}),
        names=frozenset({gone.first_name, gone.last_name, gone.full_name}),
    )
    scrub(people)
    stored = {view.pk: (view.name, view.query) for view in SavedView.objects.order_by("pk")}
    by_name, one, all_contacts = stored
    assert stored[by_name] == (f"saved view {by_name}", "q=%28erased%29&source__exact=form")
    assert stored[one] == ("One", "name=%28erased%29&country=chile")
    # A word shared with other people does not identify anyone.
    assert stored[all_contacts] == ("All", "q=last")
    assert not LogEntry.objects.filter(object_repr__contains=str(gone)).exists()
