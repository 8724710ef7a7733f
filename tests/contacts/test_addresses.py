"""An edited address stays known as a former one, regardless of how it was edited (rule 3)."""

from collections.abc import Collection
from typing import Any

import pytest
from django.test import Client

from contacts.matching import contacts_by_email, ids_by_email
from contacts.models import AlternateEmail, Contact
from tests.contact_imports.test_imports import HEAD, check, run, upload
from tests.factories import ContactFactory
from tests.fixtures.world import World, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.rule(3)]
OLD, NEW = "typo@example.com", "right@example.com"


@pytest.fixture
def contact(db: None) -> Contact:
    made: Contact = ContactFactory.create(email=OLD)
    return made


def known_by(*emails: str) -> set[int]:
    return set(ids_by_email(emails).values())


def on_the_page(contact: Contact, marketer: Client) -> None:
    data = {"first_name": "A", "last_name": "B", "email": NEW}
    page = f"/admin/contacts/contact/{contact.pk}/change/"
    assert marketer.post(page, data).status_code == 302


def in_the_shell(contact: Contact, marketer: Client) -> None:
    contact.email = NEW
    contact.save()


def saving_one_field(contact: Contact, marketer: Client) -> None:
    contact.email = NEW
    contact.save(update_fields=["email"])


def of_many_at_once(contact: Contact, marketer: Client) -> None:
    Contact.objects.filter(pk=contact.pk).update(email=NEW, email_key=NEW)


def of_many_objects(contact: Contact, marketer: Client) -> None:
    contact.email = contact.email_key = NEW
    Contact.objects.bulk_update([contact], ["email", "email_key"])


@pytest.mark.parametrize(
    "edit", [on_the_page, in_the_shell, saving_one_field, of_many_at_once, of_many_objects]
)
def test_an_edited_address_stays_known(world: World, marketer: Client, edit: object) -> None:
    contact = ContactFactory.create(email=OLD)
    edit(contact, marketer)  # type: ignore[operator]
    assert Contact.objects.get(pk=contact.pk).email_key == NEW
    assert known_by(OLD, NEW) == {contact.pk}


def test_an_import_finds_the_contact_who_had_the_address_and_keeps_it(
    world: World, marketer: Client
) -> None:
    contact = ContactFactory.create(email=OLD)
    in_the_shell(contact, marketer)
    upload(marketer, f"{HEAD}\n{OLD},Imported,B\n")
    run(marketer, check(marketer))
    contact.refresh_from_db()
    assert (contact.first_name, contact.email) == ("Imported", NEW)


def test_an_address_that_they_take_up_again_is_no_former_one(contact: Contact) -> None:
    for email in (NEW, OLD):
        contact.email = email
        contact.save()
    assert [row.email for row in AlternateEmail.objects.all()] == [NEW]


def test_the_same_address_in_another_case_is_no_difference_either(contact: Contact) -> None:
    contact.email = OLD.upper()
    contact.save()
    assert not AlternateEmail.objects.exists()


def test_a_former_address_is_removed_on_the_page(world: World, marketer: Client) -> None:
    contact = world.registrations[1].contact
    contact.email = NEW
    contact.save()
    former = AlternateEmail.objects.get()
    page = f"/admin/contacts/contact/{contact.pk}/change/"
    remove = f"/contacts/addresses/{former.pk}/remove/"
    assert remove in marketer.get(page).content.decode()
    assert signed_in(None).post(remove).status_code == 403
    assert marketer.get(remove).status_code == 405
    answer = marketer.post(remove, follow=True).content.decode()
    assert f"{former.email} no longer belongs to this contact." in answer
    assert known_by(former.email) == set()
    # A new registration with it is another person.
    other = ContactFactory.create(email=former.email)
    assert known_by(former.email) == {other.pk}


def error_of(answer: Any) -> str:
    """Return the form's error for an address."""
    assert answer.status_code == 200
    return str(answer.context["adminform"].form.errors["email"])


@pytest.mark.parametrize("typed", [NEW, f" {NEW.upper()} "])
def test_an_address_that_is_taken_is_an_error_with_a_link(
    world: World, marketer: Client, typed: str
) -> None:
    taken = ContactFactory.create(email=NEW, first_name="Ana", last_name="<b>Ek")
    mine = world.registrations[1].contact
    data = {"first_name": "A", "last_name": "B", "email": typed}
    there = f"/admin/contacts/contact/{taken.pk}/change/"
    for page in ("add/", f"{mine.pk}/change/"):
        error = error_of(marketer.post(f"/admin/contacts/contact/{page}", data))
        assert f'href="{there}"' in error
        assert f"Ana &lt;b&gt;Ek &lt;{NEW}&gt;</a>" in error
    # One's own address, in another case, is no error.
    assert marketer.post(there, data).status_code == 302


def test_a_colleague_sees_whose_former_address_they_type(world: World, marketer: Client) -> None:
    contact = world.registrations[1].contact
    contact.email = NEW
    contact.save()
    data = {"first_name": "A", "last_name": "B", "email": "p1@example.com"}
    page = f"/admin/contacts/contact/{contact.pk}/change/"
    for other in ("add/", f"{world.registrations[2].contact_id}/change/"):
        error = error_of(marketer.post(f"/admin/contacts/contact/{other}", data))
        assert "This is a former address of" in error
        assert f'href="{page}"' in error and "First1 Last1" in error
    # The same contact can have it again.
    assert marketer.post(page, data).status_code == 302


def test_an_address_taken_in_between_is_the_same_error(
    world: World, marketer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = ContactFactory.create(email=NEW)
    asked = []

    def not_here_yet(keys: Collection[str]) -> dict[str, Contact]:
        asked.append(keys)
        return contacts_by_email(keys) if len(asked) > 1 else {}

    monkeypatch.setattr("contacts.forms.contacts_by_email", not_here_yet)
    data = {"first_name": "A", "last_name": "B", "email": NEW}
    error = error_of(marketer.post("/admin/contacts/contact/add/", data))
    assert f"/admin/contacts/contact/{taken.pk}/change/" in error
