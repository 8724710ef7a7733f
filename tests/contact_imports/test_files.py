"""Files as written by spreadsheet programs: what is read of each, and what is refused with an
explanation."""

import csv
import datetime as dt
import io
import zipfile
from typing import Any

import pytest
from django.test import Client
from openpyxl import Workbook

from contact_imports.cells import shown, text_of
from contact_imports.encodings import detect, open_text
from contact_imports.mapping import guess
from contact_imports.models import ContactImport, ImportChunk
from contact_imports.parsers import read
from contact_imports.reasons import Unreadable
from contact_imports.tasks import sweep
from contacts.models import Contact
from tests.contact_imports.test_imports import check, run, upload
from tests.fixtures.world import World

NAMED = ["email", "first_name", "last_name"]


def book(sheets: dict[str, list[list[Any]]], formats: dict[str, str] | None = None) -> bytes:
    """Return a workbook with these sheets; `formats` are of cells of the first one."""
    made = Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    for place, number_format in (formats or {}).items():
        made.worksheets[0][place].number_format = number_format
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def as_csv(rows: list[list[str]], separator: str = ",") -> str:
    file = io.StringIO()
    csv.writer(file, delimiter=separator).writerows(rows)
    return file.getvalue()


def report_of_attendees() -> bytes:
    """Return an attendee report as exported by GoToWebinar: titles, the webinar, then the people,
    then the staff."""
    return as_csv(
        [
            ["Attendee Report"],
            ["Generated:", "Mar 02, 2026 10:26 AM CET"],
            ["General Information"],
            ["Webinar Name", "Webinar ID"],
            ["A webinar", "123-456-789"],
            ["Actual Start Date/Time", "Actual Duration (minutes)", "Clicked Registration Link"],
            ["Mar 02, 2026 09:00 AM CET", "62", "140"],
            [],
            ["Attendee Details"],
            ["Attended", "Interest Rating", "First Name", "Last Name", "Email Address",
             "Registration Date/Time", "Join Time/Leave Time (Time in Session)", "Job Title"],
            ["Yes", "77", "Ana", "Núñez", "ana@example.com", "Feb 20, 2026 11:02 AM CET",
             "Mar 02, 2026 09:01 AM CET/10:02 AM CET (61 minutes)", "Buyer"],
        ]
    ).encode("utf-8-sig")  # fmt: skip


ZOE = ["zoé@example.com", "Zoé", "Été"]
ANNA = ["anna@example.pl", "Łucja", "Wiśniewska"]
# By program: the file, its name, the row with the headings, the second row, its properties.
FILES: dict[str, tuple[bytes, str, int, list[str], list[str]]] = {
    "Excel's Unicode text": (
        as_csv([["E-mail", "First Name", "Last Name"], ZOE], "\t").encode("utf-16"),
        "people.txt", 1, ZOE, NAMED,
    ),
    "UTF-16 without a mark": (
        as_csv([["E-mail", "First Name", "Last Name"], ZOE], "\t").encode("utf-16-le"),
        "people.txt", 1, ZOE, NAMED,
    ),
    "Polish Windows": (
        as_csv([["E-mail", "Imię", "Nazwisko"], ANNA], ";").encode("cp1250"),
        "people.csv", 1, ANNA, NAMED,
    ),
    "French Windows": (
        as_csv([["Adresse e-mail", "Prénom", "Nom"], ZOE], ";").encode("cp1252"),
        "people.csv", 1, ZOE, NAMED,
    ),
    "Excel on a Mac": (
        as_csv([["Adresse e-mail", "Prénom", "Nom"], ZOE], ";").encode("mac_roman"),
        "people.csv", 1, ZOE, NAMED,
    ),
    "UTF-8 with a mark": (
        as_csv([["EMAIL ADDRESS", "Given name", "Surname"], ZOE]).encode("utf-8-sig"),
        "people.csv", 1, ZOE, NAMED,
    ),
    "headings with commas": (
        as_csv(
            [["Company, Inc.", "E-mail", "Name, first"], ["Kite, Inc.", "k@example.com", "K"]],
            ";",
        ).encode(),
        "people.csv", 1, ["Kite, Inc.", "k@example.com", "K"], ["", "email", ""],
    ),
    "a separator declared for Excel": (
        b"sep=|\r\nE-mail|Job\r\na@example.com|Buyer\r\n",
        "people.csv", 1, ["a@example.com", "Buyer"], ["email", "job_title"],
    ),
    "empty first lines": (
        b"\r\n;;\r\nE-mail;First name;Last name\r\na@example.com;A;B\r\n",
        "people.csv", 3, ["a@example.com", "A", "B"], NAMED,
    ),
    "a title above the headings": (
        book({"People": [["Customers 2026"], [], ["E-mail", "First name", "Last name"], ZOE]}),
        "people.xlsx", 3, ZOE, NAMED,
    ),
    "a title above unknown headings": (
        b"Customers 2026,,\nwho,a,b\nx@example.com,Xi,Xu\n",
        "people.csv", 2, ["x@example.com", "Xi", "Xu"], ["", "", ""],
    ),
    "an empty first sheet": (
        book({"Notes": [], "People": [["E-mail", "First name", "Last name"], ZOE]}),
        "people.xlsx", 1, ZOE, NAMED,
    ),
    "GoToWebinar's attendee report": (
        report_of_attendees(), "report.csv", 10,
        ["Yes", "77", "Ana", "Núñez", "ana@example.com", "Feb 20, 2026 11:02 AM CET",
         "Mar 02, 2026 09:01 AM CET/10:02 AM CET (61 minutes)", "Buyer"],
        ["", "", "first_name", "last_name", "email", "", "", "job_title"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("written_by", FILES)
def test_files_of_any_spreadsheet_program(written_by: str) -> None:
    content, name, heading_row, second, meaning = FILES[written_by]
    table = read(name, io.BytesIO(content))
    assert table.heading_row == heading_row
    assert next(table.rows) == (heading_row + 1, second)
    assert guess(table.columns) == meaning


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("people.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "of the old kind (.xls)"),
        ("people.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "with a password"),
        ("people.xls", b"<html><table><tr><td>E-mail</td></tr></table></html>", "a web page"),
        ("people.xlsx", b"E-mail\na@example.com\n", "no Excel file"),
        ("people.csv", b"\x89PNG\x00\x01\x02\x03\x00\x00\x00", "no CSV or Excel file"),
    ],
)
def test_what_is_no_such_file_is_refused_with_what_to_do(
    world: World, marketer: Client, name: str, content: bytes, sentence: str
) -> None:
    assert sentence in upload(marketer, content, name).content.decode()
    assert not ImportChunk.objects.exists(), "it is not stored"


def test_a_document_of_another_kind_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    with pytest.raises(Unreadable, match="another kind"):
        read("people.ods", file)


# -- cells -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (1234, "00000", "01234"),
        (75001, "General", "75001"),
        (33123456789, "+0", "+33123456789"),
        (33123456789, '"+"0', "+33123456789"),
        (33123456789, "+## # ## ## ## ##", "+33 1 23 45 67 89"),
        (5551234567, r"[<=9999999]###\-####;\(###\)\ ###\-####", "(555) 123-4567"),
        (5551234, r"[<=9999999]###\-####;\(###\)\ ###\-####", "555-1234"),
        (-7, "000", "-007"),
        (12345, "#,##0", "12345"),
        (0.5, "0%", "0.5"),
        (2.0, "General", "2"),
        ("01234", "@", "01234"),
        (None, "00000", ""),
        (dt.datetime(2026, 3, 2), "dd/mm/yyyy", "2026-03-02"),
        (dt.datetime(2026, 3, 2, 9, 30), "General", "2026-03-02T09:30:00"),
        (dt.date(2026, 3, 2), "General", "2026-03-02"),
        (dt.time(9, 30), "General", "09:30:00"),
        ("#REF!", "General", ""),
    ],
)
def test_a_number_is_read_as_its_format_shows_it(
    value: object, number_format: str, text: str
) -> None:
    assert shown(value, number_format) == text


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#name?", "#BEZUG!",
                                   "#NV", "#ADR!", "########"])  # fmt: skip
def test_an_error_is_an_empty_cell(error: str) -> None:
    assert text_of(error) == ""
    assert text_of(f"{error} of 5") == f"{error} of 5"


def test_what_a_spreadsheet_shows_is_what_is_written_and_an_error_overwrites_nothing(
    world: World, marketer: Client
) -> None:
    Contact.objects.filter(email_key="p0@example.com").update(
        organization="Kite Software", zip_code="00001"
    )
    rows: list[list[Any]] = [
        ["Email", "First name", "Last name", "Company", "Zip", "Phone", "Job"],
        ["p0@example.com", "First0", "Last0", "#N/A", 1234, 33123456789, dt.date(2026, 3, 2)],
    ]
    content = book({"People": rows}, {"E2": "00000", "F2": "+0"})
    upload(marketer, content, "people.xlsx")
    item = check(marketer)
    page = marketer.get(f"/contacts/import/{item.pk}/").content.decode()
    assert "Zip code: 00001 → 01234" in page and "Phone: – → +33123456789" in page
    assert "Organization:" not in page
    run(marketer, item)
    person = Contact.objects.get(email_key="p0@example.com")
    assert (person.organization, person.zip_code, person.phone, person.job_title) == (
        "Kite Software",
        "01234",
        "+33123456789",
        "2026-03-02",
    )


# -- corrections of detected values ----------------------------------------------------------------


@pytest.mark.parametrize(
    "encoding", ["cp1250", "cp1252", "cp1251", "iso8859_2", "mac_roman", "cp850", "cp932"]
)
def test_an_encoding_is_found_out_by_its_letters(encoding: str) -> None:
    texts = {
        "cp1250": "E-mail;Miasto\na@example.pl;Łódź\nb@example.pl;Gdańsk\n",
        "cp1252": "Email;Name\nm@example.com;Jürgen Groß\n",
        "cp1251": "E-mail;Имя\nivan@example.com;Иван Петров\n",
        "iso8859_2": "E-mail;Miasto\na@example.pl;Łódź\nb@example.pl;Gdańsk\n",
        "mac_roman": "Email;Name\nz@example.com;Zoé Été\n",
        "cp850": "Email;Name\nz@example.com;Zoé Été\n",
        "cp932": "メール;名前\nx@example.jp;田中太郎\n",
    }
    file = io.BytesIO(texts[encoding].encode(encoding))
    assert open_text(file, detect(file)).read() == texts[encoding]


def read_as(client: Client, **chosen: Any) -> ContactImport:
    item = ContactImport.objects.latest("pk")
    client.post(f"/contacts/import/{item.pk}/read/", chosen)
    sweep()
    item.refresh_from_db()
    return item


def test_the_encoding_is_shown_with_a_sample_and_can_be_changed(
    world: World, marketer: Client
) -> None:
    content = "E-mail,First name,Last name\nx@example.com,Oð,Ð\n".encode("cp1252")
    page = upload(marketer, content).content.decode()
    assert "How the file is read" in page
    item = read_as(marketer, encoding="cp1254", heading_row=1)
    assert item.sample == [["x@example.com", "Oğ", "Ğ"]]
    assert "Oğ" in marketer.get(f"/contacts/import/{item.pk}/").content.decode()
    assert read_as(marketer, encoding="rot13", heading_row=1).encoding == "cp1254"
    run(marketer, check(marketer))
    assert Contact.objects.get(email_key="x@example.com").first_name == "Oğ"


def test_another_sheet_and_another_row_of_headings_can_be_chosen(
    world: World, marketer: Client
) -> None:
    sheets: dict[str, list[list[Any]]] = {
        "Old": [["E-mail", "First name", "Last name"], ["old@example.com", "O", "O"]],
        "New": [["List"], ["E-mail", "First name", "Last name"], ["new@example.com", "N", "N"]],
    }
    page = upload(marketer, book(sheets), "people.xlsx").content.decode()
    assert ">Old<" in page and ">New<" in page
    item = read_as(marketer, sheet="New", heading_row=1)
    assert (item.sheet, item.heading_row) == ("New", 2)
    assert item.sample == [["new@example.com", "N", "N"]]
    assert read_as(marketer, sheet="New", heading_row=3).columns == item.columns, "no rows below it"
    run(marketer, check(marketer))
    assert Contact.objects.filter(email_key="new@example.com").exists()
    assert not Contact.objects.filter(email_key="old@example.com").exists()


def test_a_chosen_heading_row_stays(world: World, marketer: Client) -> None:
    upload(marketer, "E-mail,First name\nwho,a\nx@example.com,Xi\n")
    assert read_as(marketer, encoding="utf-8", heading_row=2).columns == ["who", "a"]
