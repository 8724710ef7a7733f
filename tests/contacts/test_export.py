"""The list of contacts as a file."""

import csv
import io
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from contacts.models import Contact
from core.csv_export import escape_formula, unescape_formula
from tests.fixtures.world import World, signed_in
from webinarsync import roles

EXPORT = "/contacts/list"
LIST = "/admin/contacts/contact/"


def exported(answer: Any) -> list[dict[str, str]]:
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+cmd|'/C calc'!A0", "-2+3", "@SUM(A1)", "\tx", "\rx", "\nx", "+33 1 x", "+", "+ ()",
     "-33 1", "+\u0663\u0663"],
)  # fmt: skip
def test_a_dangerous_cell_is_escaped_and_reversible(text: str) -> None:
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


def test_an_export_of_contacts_has_no_formula(world: World, marketer: Client) -> None:
    Contact.objects.filter(email="p0@example.com").update(first_name="=cmd()", phone="+33 1")
    row = next(
        row for row in exported(marketer.get(f"{EXPORT}.csv")) if row["email"] == "p0@example.com"
    )
    assert row["first_name"] == "'=cmd()" and row["phone"] == "+33 1"


def test_the_file_has_the_people_of_the_list_in_its_order(world: World, marketer: Client) -> None:
    Contact.objects.exclude(email="p0@example.com").update(country="Chile", organization="Zeta")
    Contact.objects.filter(email="p1@example.com").update(organization="Alpha")
    query = "?q=p&o=2"
    page = marketer.get(LIST + query)
    listed = [contact.email for contact in page.context["cl"].result_list]
    assert f'href="{EXPORT}.csv{query}"'.replace("&", "&amp;") in page.content.decode()
    assert [row["email"] for row in exported(marketer.get(f"{EXPORT}.csv{query}"))] == listed
    answer: Any = marketer.get(f"{EXPORT}.xlsx{query}")
    heading, *rows = load_workbook(io.BytesIO(answer.getvalue())).worksheets[0].values
    assert [row[0] for row in rows] == listed and "attended_count" in heading


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_selected_people_are_exported_by_an_action(
    world: World, marketer: Client, kind: str
) -> None:
    chosen = Contact.objects.order_by("pk")[1:3]
    answer: Any = marketer.post(
        LIST, {"action": f"export_{kind}", "_selected_action": [person.pk for person in chosen]}
    )
    assert f'contacts.{kind}"' in answer["Content-Disposition"]
    file = answer.getvalue()
    if kind == "csv":
        assert {person.email for person in chosen} == {
            row["email"] for row in csv.DictReader(io.StringIO(file.decode("utf-8-sig")))
        }


def test_of_no_one_there_is_no_file(world: World, marketer: Client) -> None:
    answer = marketer.get(f"{EXPORT}.csv?q=no-such-person")
    assert answer["Location"] == f"{LIST}?q=no-such-person"


def test_staff_without_a_group_delete_no_contacts(world: World) -> None:
    assert signed_in(None).get(f"{EXPORT}.csv").status_code == 403
    assert signed_in(roles.OPERATORS).get(f"{EXPORT}.csv").status_code == 200
