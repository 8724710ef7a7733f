"""Contacts taken away as a file."""

import csv
import io

import pytest
from django.test import Client

from contacts.models import Contact
from contacts.resources import as_it_was, harmless
from tests.fixtures.world import World, signed_in
from webinarsync import roles

EXPORT = "/admin/contacts/contact/export/"


def exported(client: Client) -> list[dict[str, str]]:
    fields = {f"contactresource_{name}": "on" for name in ("email", "first_name", "phone")}
    answer = client.post(EXPORT, {"format": "0", "resource": "0"} | fields)
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


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


def test_staff_of_no_group_takes_no_contacts_away(world: World) -> None:
    client = signed_in(None)
    assert client.get(EXPORT).status_code == 403
    assert client.post(EXPORT, {"format": "0", "resource": "0"}).status_code == 403
    assert signed_in(roles.OPERATORS).get(EXPORT).status_code == 200
