"""A file's bytes as rows of text, whatever spreadsheet wrote it."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePath
from typing import Any

from contact_imports.cells import shown, text_of
from contact_imports.encodings import decode, detect
from contact_imports.mapping import guess
from contact_imports.reasons import Reason

# More than a hundred thousand people with all their properties need less.
MOST_BYTES = 25 * 1024 * 1024
_SEPARATORS = ",;\t|"
# Titles and empty lines above the headings are no more.
_LOOKED_AT = 50
_EXCEL_SEPARATOR = re.compile(r'"?sep=(.)"?\r?\n', re.IGNORECASE)
_OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WEB_PAGE = re.compile(rb"\s*(<!doctype|<html|<table|<\?xml)", re.IGNORECASE)

Row = tuple[int, list[str]]


class Unreadable(Exception):
    """The file cannot be read; `code` says why (contact_imports.reasons)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    def __str__(self) -> str:
        return str(Reason(self.code))


@dataclass(slots=True)
class Table:
    """A file that was read: its headings, the rows below with their numbers in the file, and how
    it was read. `encoding` is of a CSV file, `sheets` are of an Excel file."""

    columns: list[str]
    rows: list[Row]
    heading_row: int
    encoding: str = ""
    sheet: str = ""
    sheets: Sequence[str] = ()


def read(
    filename: str, content: bytes, *, encoding: str = "", sheet: str = "", heading_row: int = 0
) -> Table:
    """Return the table in a CSV or XLSX file. Raises Unreadable.

    What is not given is found out: the encoding, the sheet (the first one in which somebody
    stands), and the row with the headings.
    """
    _refuse_others(filename, content)
    if content.startswith(b"PK\x03\x04"):
        return _excel(content, sheet, heading_row)
    encoding = encoding or detect(content)
    if not encoding:
        raise Unreadable("no_text")
    table = _table(_csv_rows(decode(content, encoding)), heading_row)
    table.encoding = encoding
    return table


def cells(filename: str, content: bytes, encoding: str) -> Iterator[str]:
    """Yield what stands in each cell of the file, of all its sheets. Raises Unreadable."""
    _refuse_others(filename, content)
    if content.startswith(b"PK\x03\x04"):
        book = _book(content)
        for sheet in book.worksheets:
            for row in _sheet_rows(sheet):
                yield from row
    else:
        for row in _csv_rows(decode(content, encoding or detect(content) or "utf-8")):
            yield from row


def _refuse_others(filename: str, content: bytes) -> None:
    """Say of what is neither CSV nor XLSX what to do with it."""
    suffix = PurePath(filename).suffix.lower()
    if not content.strip():
        raise Unreadable("empty")
    if len(content) > MOST_BYTES:
        raise Unreadable("too_large")
    if content.startswith(_OLD_EXCEL):
        raise Unreadable("protected" if suffix == ".xlsx" else "old_excel")
    if _WEB_PAGE.match(content):
        raise Unreadable("web_page")
    if suffix == ".xlsx" and not content.startswith(b"PK\x03\x04"):
        raise Unreadable("broken_excel")


# -- Excel ---------------------------------------------------------------------------------------


def _book(content: bytes) -> Any:
    # 7 MB that most processes never need.
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
        if "xl/workbook.xml" not in names:
            raise Unreadable("other_office")
        return load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except Unreadable:
        raise
    except Exception as error:  # whatever openpyxl meets in a broken file
        raise Unreadable("broken_excel") from error


def _excel(content: bytes, sheet: str, heading_row: int) -> Table:
    book = _book(content)
    sheets = {found.title: found for found in book.worksheets}
    # Those that are hidden come last.
    names = sorted(sheets, key=lambda name: sheets[name].sheet_state != "visible")
    if not names:
        raise Unreadable("nobody")
    problem = Unreadable("nobody")
    for name in [sheet] if sheet in sheets else names:
        try:
            table = _table(_sheet_rows(sheets[name]), heading_row)
        except Unreadable as error:
            problem = error
            continue
        table.sheet, table.sheets = name, names
        return table
    raise problem


def _sheet_rows(sheet: Any) -> Iterator[list[str]]:
    # Some programs write a wrong size of the sheet, by which rows would be lost.
    sheet.reset_dimensions()
    try:
        for row in sheet.iter_rows():
            yield [shown(cell.value, getattr(cell, "number_format", "General")) for cell in row]
    except Exception as error:  # whatever openpyxl meets in a broken file
        raise Unreadable("broken_excel") from error


# -- CSV -----------------------------------------------------------------------------------------


def _csv_rows(text: str) -> list[list[str]]:
    told = _EXCEL_SEPARATOR.match(text)
    separator = told[1] if told else _separator(text)
    try:
        rows = list(_parsed(text[told.end() :] if told else text, separator))
    except csv.Error as error:
        raise Unreadable("broken_csv") from error
    return [[text_of(cell) for cell in row] for row in rows]


def _parsed(text: str, separator: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator)


def _separator(text: str) -> str:
    """Return what separates the cells: what makes headings that are known, or else most cells."""

    def rating(separator: str) -> tuple[int, int]:
        try:
            rows = list(islice(_parsed(text, separator), _LOOKED_AT))
        except csv.Error:
            return (0, 0)
        widths = [len(row) for row in rows if len(row) > 1]
        common = max(widths, key=widths.count, default=0)
        return (max(map(_known, rows), default=0), widths.count(common) * common)

    return max(_SEPARATORS, key=rating)


# -- both ----------------------------------------------------------------------------------------


def _table(rows: Iterable[list[str]], heading_row: int) -> Table:
    numbered = [(number, row) for number, row in enumerate(rows, start=1) if any(row)]
    if not numbered:
        raise Unreadable("nobody")
    if not any(number == heading_row for number, _row in numbered):
        heading_row = _heading_row(numbered[:_LOOKED_AT])
    place = next(place for place, (number, _row) in enumerate(numbered) if number == heading_row)
    headings, below = numbered[place][1], numbered[place + 1 :]
    if not below:
        raise Unreadable("nobody")
    width = max(_width(row) for row in (headings, *(row for _number, row in below[:_LOOKED_AT])))
    columns = (headings + [""] * width)[:width]
    return Table(columns, [(number, (row + [""] * width)[:width]) for number, row in below],
                 heading_row)  # fmt: skip


def _heading_row(rows: Sequence[Row]) -> int:
    """Return the number of the row with the headings: the one with most that are known, or else
    the first one that is not much shorter than the others, as titles are."""
    known = [_known(row) for _number, row in rows]
    if max(known) > 1 or (max(known) == 1 and "email" in guess(rows[known.index(1)][1])):
        return rows[known.index(max(known))][0]
    widest = max(_filled(row) for _number, row in rows)
    return next(number for number, row in rows if 2 * _filled(row) >= widest)


def _known(row: Sequence[str]) -> int:
    return sum(map(bool, guess(row)))


def _filled(row: Sequence[str]) -> int:
    return sum(map(bool, row))


def _width(row: Sequence[str]) -> int:
    return max((place for place, cell in enumerate(row, start=1) if cell), default=0)
