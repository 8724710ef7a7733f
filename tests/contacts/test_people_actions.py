"""Actions on selected people affect only those selected."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from contacts.models import Contact
from contacts.people_table import PAGE
from mailings.models import Mailing
from tests.factories import UserFactory, WebinarFactory
from tests.fixtures.world import World, make_people
from webinars.models import InternalAddress, Registration

pytestmark = pytest.mark.django_db
FIND = "/contacts/find/"


@pytest.fixture(params=["audience", "find"])
def address(request: pytest.FixtureRequest, world: World) -> str:
    """Return a page with six people, three of them from Chile."""
    if request.param == "find":
        return FIND
    return f"/webinars/{world.webinar.pk}/audience/registered/"


def tick(*registrations: Registration, **more: str) -> dict[str, Any]:
    return {"_selected_action": [item.contact_id for item in registrations], **more}


def recipients() -> set[int]:
    mailing = Mailing.objects.get()
    return set(mailing.recipients.values_list("contact_id", flat=True))


def test_those_ticked_are_emailed(world: World, marketer: Client, address: str) -> None:
    chosen = world.registrations[1:3]
    answer = marketer.post(address, tick(*chosen, action="write_to_contacts"))
    assert answer["Location"] == f"/mailings/{Mailing.objects.get().pk}/"
    assert recipients() == {item.contact_id for item in chosen}


def test_of_an_audience_the_draft_knows_the_registrations(world: World, marketer: Client) -> None:
    address = f"/webinars/{world.webinar.pk}/audience/attended/"
    attended, missed = world.registrations[1], world.registrations[2]
    marketer.post(address, tick(attended, missed, action="write_to_contacts"))
    mailing = Mailing.objects.get()
    assert (mailing.webinar_id, mailing.audience, mailing.filtered) == (
        world.webinar.pk, "attended", True,
    )  # fmt: skip
    # People who are not in the shown audience were not selected.
    assert [item.registration_id for item in mailing.recipients.all()] == [attended.pk]


def test_all_are_all_that_are_filtered(world: World, marketer: Client, address: str) -> None:
    make_people(world.webinar, PAGE, "more")
    page = marketer.get(f"{address}?country=chile")
    table = page.context["table"]
    assert not table.page.has_other_pages()
    marketer.post(f"{address}?country=chile", {"action": "write_to_contacts", "select_across": "1"})
    chilean = Contact.objects.filter(country="Chile").values_list("pk", flat=True)
    assert recipients() == set(chilean) and len(chilean) == 28


def test_more_than_a_page_can_be_selected(world: World, marketer: Client, address: str) -> None:
    make_people(world.webinar, PAGE, "more")
    assert b"Select all 56" in marketer.get(address).content
    marketer.post(address, {"action": "write_to_contacts", "select_across": "1"})
    assert len(recipients()) == 56


def test_who_is_not_found_is_not_chosen(world: World, marketer: Client, address: str) -> None:
    peruvian, chilean = world.registrations[:2]
    marketer.post(f"{address}?country=chile", tick(peruvian, chilean, action="write_to_contacts"))
    assert recipients() == {chilean.contact_id}


@pytest.mark.parametrize("query", ["", "at_least=x"])
@pytest.mark.parametrize(
    "posted",
    [{}, {"_selected_action": ["x", "-1", "9" * 40]}, {"select_across": "2"}],
)
def test_choosing_no_one_selects_no_one(
    world: World, marketer: Client, address: str, query: str, posted: dict[str, Any]
) -> None:
    page = f"{address}?{query}"
    answer = marketer.post(page, posted | {"action": "write_to_contacts"}, follow=True)
    assert "Select people first." in answer.content.decode()
    assert not Mailing.objects.exists()


def test_a_condition_that_cannot_be_read_selects_no_one(
    world: World, marketer: Client, address: str
) -> None:
    posted = {"action": "write_to_contacts", "select_across": "1"}
    answer = marketer.post(f"{address}?at_least=x", posted, follow=True)
    assert "cannot be read" in answer.content.decode()
    assert not Mailing.objects.exists()


def test_what_one_may_not_do_is_neither_offered_nor_done(world: World, address: str) -> None:
    client = Client()
    user = UserFactory.create(is_staff=True)
    seen = ("view_contact", "view_registration", "view_webinar")
    user.user_permissions.set(Permission.objects.filter(codename__in=seen))
    client.force_login(user)
    assert list(client.get(address).context["actions"]) == ["export_csv", "export_xlsx"]
    for name in ("write_to_contacts", "register_for_webinar", "mark_internal", "", "delete"):
        posted = tick(world.registrations[0], action=name, sure="yes")
        assert client.post(address, posted).status_code == 403
    assert not Mailing.objects.exists() and not InternalAddress.objects.exists()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_those_ticked_are_exported(world: World, marketer: Client, address: str, kind: str) -> None:
    chosen = world.registrations[:2]
    answer: Any = marketer.post(address, tick(*chosen, action=f"export_{kind}"))
    body = b"".join(answer.streaming_content)
    if kind == "csv":
        lines = body.decode("utf-8-sig").splitlines()
        assert len(lines) == 3 and "p0@example.com" in body.decode()
    assert f'.{kind}"' in answer["Content-Disposition"]


def test_they_are_registered_after_two_confirmations(
    world: World, marketer: Client, address: str
) -> None:
    target = WebinarFactory.create(connection=world.webinar.connection, synced=True)
    posted = tick(*world.registrations[:2], action="register_for_webinar")
    asked = marketer.post(address, posted)
    assert "2 people are selected." in asked.content.decode()
    # A registrant who cancels returns to the list.
    assert f'href="{address}">Cancel' in asked.content.decode()
    checked = marketer.post(address, posted | {"webinar": target.pk})
    assert "2 people will be registered" in checked.content.decode()
    marketer.post(address, posted | {"webinar": target.pk, "sure": "yes"})
    assert target.registrations.count() == 2


def test_they_are_marked_as_internal_after_a_confirmation(
    world: World, marketer: Client, address: str, django_capture_on_commit_callbacks: Any
) -> None:
    chosen = world.registrations[:2]
    InternalAddress.objects.create(text=chosen[0].contact.email_key)
    posted = tick(*chosen, action="mark_internal")
    asked = marketer.post(address, posted).content.decode()
    assert "Mark 2 people as internal" in asked and InternalAddress.objects.count() == 1
    with django_capture_on_commit_callbacks(execute=True):
        content = marketer.post(address, posted | {"sure": "yes"}, follow=True).content.decode()
    assert "1 person was added to the internal people." in content
    marked = Registration.objects.filter(is_internal=True)
    assert {item.pk for item in marked} == {item.pk for item in chosen}
    added = InternalAddress.objects.get(text=chosen[1].contact.email_key)
    assert not added.is_domain and added.created_by is not None


def test_a_company_is_marked_by_its_domain(
    world: World, marketer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webinars.internal_action._MOST", 5)
    posted = {"action": "mark_internal", "select_across": "1", "sure": "yes"}
    answer = marketer.post(FIND, posted, follow=True)
    assert "At most 5 people can be marked" in answer.content.decode()
    assert not InternalAddress.objects.exists()


@pytest.mark.parametrize("way", ["", "-"])
@pytest.mark.parametrize("column", ["attended", "minutes", "registered"])
def test_found_contacts_are_sorted_by_what_they_did(
    world: World, marketer: Client, column: str, way: str
) -> None:
    other = WebinarFactory.create(connection=world.webinar.connection)
    again = world.registrations[3]
    Registration.objects.create(
        contact=again.contact, webinar=other, state="registered",
        sessions_attended=1, seconds_attended=600, submitted={},
    )  # fmt: skip
    page = marketer.get(FIND, {"sort": f"{way}{column}"})
    table = page.context["table"]
    found = [getattr(contact.sums, column) for contact in table.records]
    assert found == sorted(found, reverse=way == "-") and len(set(found)) > 1
    cells = [row.get_cell(column) for row in table.page.object_list]
    assert cells == [str(number) for number in found]
    file: Any = marketer.get(f"{FIND}export.csv", {"sort": f"{way}{column}"})
    lines = b"".join(file.streaming_content).decode("utf-8-sig").splitlines()[1:]
    assert [line.split(",")[0] for line in lines] == [item.email for item in table.records]


def test_large_audiences_are_not_sorted_by_activity(
    world: World, marketer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("contacts.people_table.MOST_COUNTED", 5)
    page = marketer.get(FIND, {"sort": "attended"})
    table = page.context["table"]
    sorting = [column.name for column in table.columns if column.orderable]
    assert sorting == ["name", "email", "organization"]
    newest_first = [item.contact_id for item in reversed(world.registrations)]
    assert [contact.pk for contact in table.records] == newest_first
    file: Any = marketer.get(f"{FIND}export.csv", {"sort": "attended"})
    assert b"".join(file.streaming_content).count(b"@example.com") == 6
