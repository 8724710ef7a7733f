"""An uploaded file as a table of texts, whatever spreadsheet wrote it. It is read row by row and
within limits: memory does not grow with the file."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import PurePath
from typing import IO

from contact_imports.csv_files import csv_rows, known
from contact_imports.encodings import detect
from contact_imports.limits import MAX_FILE_BYTES, Budget
from contact_imports.mapping import guess
from contact_imports.reasons import Unreadable
from contact_imports.workbooks import Workbook

# Titles and empty lines above the headings are no more.
_SAMPLE_ROWS = 50
_SAMPLE_CHARACTERS = 1_000_000
_HEAD_BYTES = 4096
_ARCHIVE = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WEB_PAGE = re.compile(rb"\s*(<!doctype|<html|<table|<\?xml)", re.IGNORECASE)

Row = tuple[int, list[str]]


@dataclass(slots=True)
class Table:
    """A file that was opened: its headings, the rows below with their numbers in the file, to be
    taken once, and how it is read. `encoding` is of a CSV file, `sheets` are of an Excel file.
    Taking rows raises Unreadable."""

    columns: list[str]
    rows: Iterator[Row]
    heading_row: int
    encoding: str = ""
    sheet: str = ""
    sheets: Sequence[str] = ()


def read(
    filename: str,
    file: IO[bytes],
    *,
    encoding: str = "",
    sheet: str = "",
    heading_row: int = 0,
    budget: Budget | None = None,
) -> Table:
    """Return the table in a CSV or XLSX file. Raises Unreadable.

    What is not given is found out: the encoding, the sheet (the first one in which someone
    stands), and the row with the headings.
    """
    budget = budget or Budget()
    if _is_archive(filename, file):
        return _excel(Workbook(file, budget), sheet, heading_row)
    encoding = encoding or detect(file)
    if not encoding:
        raise Unreadable("no_text")
    table = _table(_filled(csv_rows(file, encoding, budget)), heading_row)
    table.encoding = encoding
    return table


def cells(filename: str, file: IO[bytes], encoding: str) -> Iterator[str]:
    """Yield what is in each cell of the file, of all its sheets. Raises Unreadable."""
    budget = Budget()
    if _is_archive(filename, file):
        book = Workbook(file, budget)
        rows: Iterator[Row] = chain.from_iterable(map(book.rows, book.sheets))
    else:
        rows = csv_rows(file, encoding or detect(file) or "utf-8", budget)
    for _number, row in rows:
        yield from row


def refuse_other_kinds(filename: str, size: int, head: bytes) -> None:
    """Say of what is neither CSV nor XLSX, by its size and its first bytes, what to do with it.
    Raises Unreadable."""
    suffix = PurePath(filename).suffix.lower()
    if size > MAX_FILE_BYTES:
        raise Unreadable("too_large")
    if size <= len(head) and not head.strip():
        raise Unreadable("empty")
    if head.startswith(_OLD_EXCEL):
        raise Unreadable("protected" if suffix == ".xlsx" else "old_excel")
    if _WEB_PAGE.match(head):
        raise Unreadable("web_page")
    if suffix == ".xlsx" and not head.startswith(_ARCHIVE):
        raise Unreadable("broken_excel")


def _is_archive(filename: str, file: IO[bytes]) -> bool:
    """Return whether the file is an Excel file, else a CSV file. Raises Unreadable."""
    size = file.seek(0, 2)
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    refuse_other_kinds(filename, size, head)
    return head.startswith(_ARCHIVE)


def _excel(book: Workbook, sheet: str, heading_row: int) -> Table:
    names = book.sheets
    for name in [sheet] if sheet in names else names:
        try:
            table = _table(_filled(book.rows(name)), heading_row)
        except Unreadable as error:
            if error.code == "nobody":
                continue
            raise
        table.sheet, table.sheets = name, names
        return table
    raise Unreadable("nobody")


# -- both ----------------------------------------------------------------------------------------


def _filled(rows: Iterable[Row]) -> Iterator[Row]:
    return ((number, row) for number, row in rows if any(row))


def _table(rows: Iterator[Row], heading_row: int) -> Table:
    head = _first(rows)
    if not head:
        raise Unreadable("nobody")
    if heading_row > head[-1][0]:
        # Chosen further below.
        headings = next((row for number, row in rows if number == heading_row), None)
        if headings is None:
            raise Unreadable("nobody")
        below = []
    else:
        if not any(number == heading_row for number, _row in head):
            heading_row = _heading_row(head)
        headings = next(row for number, row in head if number == heading_row)
        below = [(number, row) for number, row in head if number > heading_row]
    below += _first(rows, _SAMPLE_ROWS - len(below))
    if not below:
        raise Unreadable("nobody")
    width = max(_width(row) for row in (headings, *(row for _number, row in below)))
    columns = (headings + [""] * width)[:width]
    padded = ((number, (row + [""] * width)[:width]) for number, row in chain(below, rows))
    return Table(columns, padded, heading_row)


def _first(rows: Iterator[Row], most: int = _SAMPLE_ROWS) -> list[Row]:
    """Return the next of `rows`, which are looked at before the others."""
    found: list[Row] = []
    characters = 0
    while len(found) < most and characters < _SAMPLE_CHARACTERS:
        row = next(rows, None)
        if row is None:
            break
        found.append(row)
        characters += sum(map(len, row[1]))
    return found


def _heading_row(rows: Sequence[Row]) -> int:
    """Return the number of the row with the headings: the one with most that are known, or else
    the first one that is not much shorter than the others, as titles are."""
    counts = [known(row) for _number, row in rows]
    if max(counts) > 1 or (max(counts) == 1 and "email" in guess(rows[counts.index(1)][1])):
        return rows[counts.index(max(counts))][0]
    widest = max(_cells_of(row) for _number, row in rows)
    return next(number for number, row in rows if 2 * _cells_of(row) >= widest)


def _cells_of(row: Sequence[str]) -> int:
    return sum(map(bool, row))


def _width(row: Sequence[str]) -> int:
    return max((place for place, cell in enumerate(row, start=1) if cell), default=0)
