"""One dialog deletes contacts, temporarily or permanently, and explains what is deleted with
them."""

import html
import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from contacts.models import Contact, Tombstone
from contacts.panels import DeletedRows, deleted_rows
from tests.factories import (
    ActivityFactory,
    AttendanceFactory,
    ContactFactory,
    RegistrationFactory,
    SessionFactory,
    UserFactory,
    WebinarFactory,
)
from tests.fixtures.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.rule(5)]

LIST = "/admin/contacts/contact/"


@pytest.fixture
def rosa(world: World) -> Contact:
    """A person with 2 registrations, 1 attendance and 3 timeline entries."""
    contact: Contact = ContactFactory.create(first_name="Rosa", last_name="Nguyen")
    session = SessionFactory.create(webinar=world.webinar)
    attended = RegistrationFactory.create(contact=contact, webinar=world.webinar, attended=True)
    AttendanceFactory.create(session=session, registration=attended)
    later = WebinarFactory.create(connection=world.webinar.connection)
    RegistrationFactory.create(contact=contact, webinar=later)
    for _ in range(3):
        ActivityFactory.create(contact=contact)
    return contact


def text(answer: Any) -> str:
    """Return the text of a page, with whitespace normalized."""
    content = re.sub(r"<[^>]*>", " ", answer.content.decode().partition("<main")[2])
    return " ".join(html.unescape(content).split())


def page_of(contact: Contact) -> str:
    return f"{LIST}{contact.pk}/delete/"


def chosen(*contacts: Contact, **more: str) -> dict[str, Any]:
    keys = [str(contact.pk) for contact in contacts]
    return {"action": "delete_selected", "_selected_action": keys, **more}


def viewer(*codenames: str) -> Client:
    user = UserFactory.create()
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(user)
    return client


def test_it_shows_what_goes_and_what_each_way_means(rosa: Contact, marketer: Client) -> None:
    page = text(marketer.get(page_of(rosa)))
    assert "Delete Rosa Nguyen?" in page
    assert "This removes 2 registrations, 1 attendance and 3 timeline entries here." in page
    assert "Delete Comes back if this person registers again." in page
    assert "Delete permanently (GDPR) For a request to be erased." in page
    assert "object" not in page
    assert Contact.objects.filter(pk=rosa.pk).exists()


def test_nothing_is_shown_for_what_does_not_exist(world: World, marketer: Client) -> None:
    assert "This removes" not in text(marketer.get(page_of(ContactFactory.create())))


def test_packages_above_state_what_they_have(rosa: Contact, marketer: Client) -> None:
    letters = DeletedRows(lambda contacts: [f"{contacts.count()} letter"], order=10)
    with deleted_rows.register_temporarily(letters):
        page = text(marketer.get(page_of(rosa)))
    assert "1 attendance, 3 timeline entries and 1 letter here." in page


@pytest.mark.parametrize(
    ("how", "permanent", "expected"),
    [
        ("", False, "1 contact was deleted."),
        ("delete", False, "1 contact was deleted."),
        ("permanently", True, "1 contact was deleted permanently."),
    ],
)
@pytest.mark.parametrize("where", ["page", "list"])
def test_they_are_deleted_temporarily_or_permanently(
    rosa: Contact, marketer: Client, where: str, how: str, permanent: bool, expected: str
) -> None:
    sure = {"post": "yes"} | ({"how": how} if how else {})
    if where == "page":
        answer = marketer.post(page_of(rosa), sure, follow=True)
    else:
        answer = marketer.post(LIST, chosen(rosa, **sure), follow=True)
    assert answer.redirect_chain[-1][0] == LIST
    shown = text(answer)
    assert expected in shown and "Rosa" not in shown
    assert not Contact.objects.filter(pk=rosa.pk).exists()
    assert list(Tombstone.objects.values_list("permanent", flat=True)) == [permanent]


def test_several_are_named_and_counted_together(
    rosa: Contact, world: World, marketer: Client
) -> None:
    other = world.registrations[0].contact
    answer = marketer.post(LIST, chosen(rosa, other))
    page = text(answer)
    assert "Delete 2 contacts?" in page
    assert "Rosa Nguyen" in page and "First0 Last0" in page
    assert "This removes 3 registrations, 1 attendance and 4 timeline entries here." in page
    assert "They come back if they register again." in page
    assert "object" not in page
    # The browser's next request deletes these two.
    sent = re.findall(r'<input type="hidden" name="(\w+)" value="(\w*)"', answer.content.decode())
    again: dict[str, list[str]] = {}
    for name, value in sent:
        again.setdefault(name, []).append(value)
    marketer.post(LIST, again)
    assert not Contact.objects.filter(pk__in=[rosa.pk, other.pk]).exists()
    assert Contact.objects.count() == 5


def test_of_many_the_first_are_named(world: World, marketer: Client) -> None:
    ContactFactory.create_batch(20)
    all_matching = chosen(world.registrations[0].contact, select_across="1")
    page = text(marketer.post(LIST, all_matching))
    assert "Delete 26 contacts?" in page and "and 6 more" in page
    marketer.post(f"{LIST}?q=p1@example.com", all_matching | {"post": "yes"})
    assert Contact.objects.count() == 25


def test_without_permission_to_delete_no_dialog_is_shown_and_nothing_is_deleted(
    rosa: Contact,
) -> None:
    client = viewer("view_contact", "change_contact")
    assert client.get(page_of(rosa)).status_code == 403
    assert client.post(page_of(rosa), {"post": "yes", "how": "permanently"}).status_code == 403
    client.post(LIST, chosen(rosa, post="yes", how="permanently"))
    assert Contact.objects.filter(pk=rosa.pk).exists()


def test_who_was_deleted_in_the_meantime_is_not_here(rosa: Contact, marketer: Client) -> None:
    gone = page_of(rosa)
    rosa.delete()
    assert marketer.get(gone).status_code == 302
    assert marketer.post(gone, {"post": "yes"}).status_code == 302
