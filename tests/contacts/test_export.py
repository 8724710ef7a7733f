"""Contacts taken away as a file."""

import csv
import io

import pytest
from django.test import Client

from contacts.models import Contact
from core.csv_export import escape_formula, unescape_formula
from tests.fixtures.world import World, signed_in
from webinarsync import roles

EXPORT = "/admin/contacts/contact/export/"


def exported(client: Client) -> list[dict[str, str]]:
    fields = {f"contactresource_{name}": "on" for name in ("email", "first_name", "phone")}
    answer = client.post(EXPORT, {"format": "0", "resource": "0"} | fields)
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+cmd|'/C calc'!A0", "-2+3", "@SUM(A1)", "\tx", "\rx", "\nx", "+33 1 x", "+", "+ ()",
     "-33 1", "+\u0663\u0663"],
)  # fmt: skip
def test_a_dangerous_cell_is_made_harmless_and_comes_back(text: str) -> None:
    assert escape_formula(text) == f"'{text}"
    assert unescape_formula(escape_formula(text)) == text.strip()


@pytest.mark.parametrize("text", ["", "O'Brien", "'tis", "a=b", "'"])
def test_other_cells_stay_as_they_are(text: str) -> None:
    assert unescape_formula(escape_formula(text)) == text == escape_formula(text)


@pytest.mark.parametrize(
    "text", ["+49 30 1234", "+4930/12-34", "+(49) 30.12", "+44 (0)20 7946-0958"]
)
def test_a_phone_number_keeps_its_plus(text: str) -> None:
    assert escape_formula(text) == text == unescape_formula(text)
    # Files of earlier versions had an apostrophe there.
    assert unescape_formula(f"'{text}") == text


def test_an_export_of_contacts_is_executed_by_no_spreadsheet(
    world: World, marketer: Client
) -> None:
    Contact.objects.filter(email="p0@example.com").update(first_name="=cmd()", phone="+33 1")
    row = next(row for row in exported(marketer) if row["email"] == "p0@example.com")
    assert row["first_name"] == "'=cmd()" and row["phone"] == "+33 1"


def test_staff_of_no_group_takes_no_contacts_away(world: World) -> None:
    client = signed_in(None)
    assert client.get(EXPORT).status_code == 403
    assert client.post(EXPORT, {"format": "0", "resource": "0"}).status_code == 403
    assert signed_in(roles.OPERATORS).get(EXPORT).status_code == 200
