"""Excel files are read as openpyxl reads them, which was tried with most programs."""

import datetime as dt
import io
import zipfile

import pytest
from openpyxl import Workbook as Book
from openpyxl import load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.chart import BarChart
from openpyxl.utils import get_column_letter

from contact_imports.cells import shown
from contact_imports.limits import Budget
from contact_imports.reasons import Unreadable
from contact_imports.workbooks import Workbook
from tests.contact_imports.hostile_files import SHEET, shared, workbook

pytestmark = pytest.mark.pure


def ours(content: bytes) -> dict[str, list[list[str]]]:
    book = Workbook(io.BytesIO(content), Budget())
    return {name: _without_ends(book.rows(name)) for name in book.sheets}


def theirs(content: bytes) -> dict[str, list[list[str]]]:
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    return {
        sheet.title: _without_ends(
            (number, [shown(c.value, getattr(c, "number_format", "General")) for c in row])
            for number, row in enumerate(sheet.iter_rows(), start=1)
        )
        for sheet in book.worksheets
    }


def _without_ends(rows: object) -> list[list[str]]:
    """Return non-empty rows, without the empty cells behind."""
    found = []
    for number, row in rows:  # type: ignore[attr-defined]
        while row and not row[-1]:
            row = row[:-1]
        if row:
            found.append([str(number), *row])
    return found


def test_values_formats_and_sheets() -> None:
    book = Book()
    sheet = book.active
    sheet.title = "People & <friends>"
    values = [
        "plain", "  spaces  ", "two\nlines", "Zoé Wiśniewska 山田 😀", "=1+1", "#N/A", "'=x",
        1, -7, 0, 0.1, 1e21, 12345678901234567890, True, False, None, dt.date(2026, 3, 2),
        dt.datetime(2026, 3, 2, 9, 30, 15), dt.time(9, 30), dt.timedelta(hours=30),
        CellRichText("rich ", TextBlock(InlineFont(b=True), "text"), " here"),
    ]  # fmt: skip
    for row, value in enumerate(values, start=1):
        sheet.cell(row, 1 + row % 3, value)
    for row, number_format in enumerate(
        ("00000", "+0", "0%", "#,##0.00", "[$-409]d mmm yyyy", "[h]:mm", "mm/dd/yy", "@"), start=40
    ):
        sheet.cell(row, 30, 1234).number_format = number_format
        sheet.cell(row, 31, 3.25).number_format = number_format
        sheet.cell(row, 32, 99999999999).number_format = number_format
    book.create_sheet("hidden").sheet_state = "hidden"
    book["hidden"].append(["h"])
    book.create_sheet("Empty")
    book.create_chartsheet("Chart").add_chart(BarChart())
    file = io.BytesIO()
    book.save(file)
    expected = theirs(file.getvalue())
    assert ours(file.getvalue()) == expected
    assert list(ours(file.getvalue())) == ["People & <friends>", "Empty", "hidden"]
    assert expected["People & <friends>"][0][-1] == "plain"


def test_dates_that_begin_in_1904() -> None:
    book = Book()
    book.epoch = dt.datetime(1904, 1, 1)
    book.active.append([dt.date(2026, 3, 2)])
    file = io.BytesIO()
    book.save(file)
    assert ours(file.getvalue()) == theirs(file.getvalue()) == {"Sheet": [["1", "2026-03-02"]]}


@pytest.mark.parametrize(
    "rows",
    [
        "<row><c><v>1</v></c><c/><c><v>3</v></c></row>",
        '<row r="3"><c r="B3"><v>1</v></c></row><row><c><v>2</v></c></row>',
        '<row r="2"><c r="A2" t="str"><f>A1&amp;"b"</f><v>ab</v></c></row>',
        '<row r="1"><c r="A1" t="e"><v>#REF!</v></c><c r="B1" t="b"><v>1</v></c></row>',
        '<row r="1"><c r="A1" t="d"><v>2026-03-02T09:30:00</v></c></row>',
        '<row r="1"><c r="A1" t="inlineStr"><is><r><t>one </t></r><r><t>two</t></r>'
        '<rPh sb="0" eb="1"><t>help</t></rPh></is></c></row>',
        '<row r="1"><c r="A1" t="s"><v>1</v></c><c r="C1" t="s"><v>0</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>2</v></c></row>',
        '<row r="5"><c><v>1</v></c></row><row r="2"><c><v>2</v></c></row>',
        '<row r="1"><c r="A1"><v>1E3</v></c><c r="B1"><v>0.5</v></c><c r="C1"><v></v></c></row>',
    ],
)
def test_rows_as_other_programs_write_them(rows: str) -> None:
    strings = shared(
        "<si><t>first</t></si><si><r><t>of </t></r><r><t>parts</t></r></si>"
        "<si><t>a_x005F_b</t></si>"
    )
    content = workbook(rows, parts={"xl/sharedStrings.xml": strings})
    assert ours(content) == theirs(content)


def test_one_invalid_cell_affects_no_other() -> None:
    content = workbook(
        '<row r="1"><c r="A1"><v>1e999</v></c><c r="B1"><v>x</v></c>'
        f'<c r="C1"><v>{"9" * 5000}</v></c><c r="D1" t="d"><v>soon</v></c><c r="E1" s="99"><v>7</v>'
        "</c></row>"
    )
    assert ours(content)["Sheet1"] == [["1", "1e999", "x", "9" * 5000, "soon", "7"]]


def test_names_with_prefixes_and_places_from_the_root() -> None:
    content = workbook('<row r="1"><c r="A1"><v>1</v></c></row>')
    old, new = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    with zipfile.ZipFile(new, "w") as archive:
        for name in old.namelist():
            part = old.read(name).decode()
            if name == SHEET:
                part = part.replace("xmlns=", "xmlns:x=").replace("</", "</x:")
                for tag in ("worksheet", "sheetData", "row", "c", "v"):
                    part = part.replace(f"<{tag} ", f"<x:{tag} ").replace(f"<{tag}>", f"<x:{tag}>")
            archive.writestr(name, part.replace('"worksheets/', '"/xl/worksheets/'))
    assert ours(new.getvalue()) == {"Sheet1": [["1", "1"]]}


def test_empty_cells_are_no_columns() -> None:
    """As written by programs that format whole rows."""
    empty = "".join(f'<c r="{get_column_letter(n)}1" s="0"/>' for n in range(2, 16_385))
    content = workbook(f'<row r="1"><c r="A1"><v>7</v></c>{empty}</row>')
    assert list(Workbook(io.BytesIO(content), Budget()).rows("Sheet1")) == [(1, ["7"])]


@pytest.mark.parametrize(
    "broken",
    [
        b"PK\x03\x04 garbage",
        workbook('<row r="1"><c r="A1" t="s"><v>7</v></c></row>'),
        workbook('<row r="1"><c r="A1" t="s"><v>-1</v></c></row>'),
        workbook('<row r="1"><c r="1A"><v>7</v></c></row>'),
        workbook('<row r="x"><c><v>7</v></c></row>'),
        workbook('<row r="1e999"><c><v>7</v></c></row>'),
        workbook('<row r="1"><c></row>'),
        workbook('<row r="1"><c><v>7</v></c></row>').replace(b"xl/_rels", b"xl/_away"),
        workbook('<row r="1"><c><v>7</v></c></row>')[:-40],
    ],
)
def test_what_is_broken_is_refused(broken: bytes) -> None:
    with pytest.raises(Unreadable) as refused:
        ours(broken)
    assert refused.value.code == "broken_excel"
