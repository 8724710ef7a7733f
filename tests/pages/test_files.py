"""Contacts taken away as a file and brought in from one."""

import csv
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from contacts.deletion import bury
from contacts.models import Contact
from contacts.resources import as_it_was, harmless
from tests.pages.conftest import World, signed_in
from webinars.models import Registration
from webinarsync import roles

EXPORT = "/admin/contacts/contact/export/"
IMPORT = "/admin/contacts/contact/import/"


def exported(client: Client) -> list[dict[str, str]]:
    fields = {f"contactresource_{name}": "on" for name in ("email", "first_name", "phone")}
    answer = client.post(EXPORT, {"format": "0", "resource": "0"} | fields)
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def bring_in(client: Client, text: str, **chosen: Any) -> Any:
    """Import `text` as a person does: look at the preview, then confirm."""
    file = SimpleUploadedFile("people.csv", text.encode())
    preview = client.post(IMPORT, {"format": "0", "import_file": file} | chosen)
    assert preview.status_code == 200
    form = preview.context.get("confirm_form")
    if form is None:
        return preview
    return client.post("/admin/contacts/contact/process_import/", form.initial, follow=True)


@pytest.mark.parametrize("text", ["=1+1", "+33 1", "-x", "@SUM(A1)", "\tx", "\rx"])
def test_a_dangerous_cell_is_made_harmless_and_comes_back(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert as_it_was(harmless(text)) == text


@pytest.mark.parametrize("text", ["", "O'Brien", "'tis", "a=b"])
def test_other_cells_stay_as_they_are(text: str) -> None:
    assert as_it_was(harmless(text)) == text == harmless(text)


def test_an_export_of_contacts_is_executed_by_no_spreadsheet(
    world: World, marketer: Client
) -> None:
    Contact.objects.filter(email="p0@example.com").update(first_name="=cmd()", phone="+33 1")
    row = next(row for row in exported(marketer) if row["email"] == "p0@example.com")
    assert row["first_name"] == "'=cmd()" and row["phone"] == "'+33 1"


@pytest.mark.parametrize("address", [EXPORT, IMPORT])
def test_staff_of_no_group_takes_no_contacts_away(world: World, address: str) -> None:
    client = signed_in(None)
    assert client.get(address).status_code == 403
    assert client.post(address, {"format": "0", "resource": "0"}).status_code == 403
    assert signed_in(roles.OPERATORS).get(address).status_code == 200


@pytest.mark.rule(3)
def test_an_import_knows_people_by_e_mail_in_whatever_case(world: World, marketer: Client) -> None:
    before = Contact.objects.count()
    bring_in(
        marketer,
        "email,first_name,last_name,phone\n"
        "P0@Example.COM,Peter,Last0,'+33 1\n"
        "new@example.com,Nia,New,\n",
    )
    assert Contact.objects.count() == before + 1
    peter = Contact.objects.get(email_key="p0@example.com")
    assert (peter.first_name, peter.phone, peter.country) == ("Peter", "+33 1", "Peru")
    assert Contact.objects.get(email_key="new@example.com").source == Contact.Source.IMPORT


@pytest.mark.rule(5)
def test_an_import_passes_over_people_erased_for_good(world: World, marketer: Client) -> None:
    bury("gone@example.com", for_good=True)
    bring_in(marketer, "email,first_name,last_name\ngone@example.com,Gil,Gone\n")
    assert not Contact.objects.filter(email_key="gone@example.com").exists()


def test_a_file_with_a_wrong_row_is_shown_and_changes_nothing(
    world: World, marketer: Client
) -> None:
    before = Contact.objects.count()
    page = bring_in(
        marketer, "email,first_name,last_name\nnot an address,A,B\nok@example.com,C,D\n"
    )
    assert "Enter a valid email address" in page.content.decode()
    assert Contact.objects.count() == before


def test_everybody_of_a_file_is_registered_for_the_webinar_chosen(
    world: World, marketer: Client
) -> None:
    known = Contact.objects.create(email="known@example.com", first_name="K", last_name="N")
    bring_in(
        marketer,
        "email,first_name,last_name\nknown@example.com,K,N\nnew@example.com,Nia,New\n"
        "p0@example.com,First0,Last0\n",
        webinar=world.webinar.pk,
    )
    made = Registration.objects.filter(source=Registration.Source.IMPORT)
    assert {item.contact.email for item in made} == {known.email, "new@example.com"}
    assert {item.state for item in made} == {Registration.State.PENDING}
