"""A file's bytes as rows of text, whatever spreadsheet wrote it."""

import csv
import io
from pathlib import PurePath

from django.utils.translation import gettext as _
from import_export.formats.base_formats import XLSX
from tablib import Dataset

from core.csv_export import unescape_formula

# More than a hundred thousand people with all their properties need less.
MOST_BYTES = 25 * 1024 * 1024
_SEPARATORS = ",;\t"


class Unreadable(Exception):
    """The file cannot be read; the text says why and what to do."""


def read(filename: str, content: bytes) -> Dataset:
    """Return the rows of a CSV or XLSX file with its headings. Raises Unreadable."""
    if not content.strip():
        raise Unreadable(_("The file is empty. Choose a file with a line of headings."))
    if len(content) > MOST_BYTES:
        raise Unreadable(_("The file is larger than 25 MB. Split it and import the parts."))
    if PurePath(filename).suffix.lower() == ".xlsx" or content.startswith(b"PK\x03\x04"):
        found = _read_xlsx(content)
    else:
        found = _read_csv(content)
    if not found.headers or not any(str(name or "").strip() for name in found.headers):
        raise Unreadable(_("The first line holds no headings. Add a line that names the columns."))
    if not len(found):
        raise Unreadable(_("The file has headings and nobody below them."))
    return found


def _read_xlsx(content: bytes) -> Dataset:
    try:
        return XLSX().create_dataset(content)
    except Exception as error:  # whatever openpyxl meets in a broken file
        raise Unreadable(
            _("This is no Excel file that can be read. Save it again as XLSX or CSV.")
        ) from error


def _read_csv(content: bytes) -> Dataset:
    text = _decoded(content)
    first = text.split("\n", 1)[0]
    separator = max(_SEPARATORS, key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise Unreadable(
            _("This is no CSV file that can be read. Save it again as CSV or XLSX.")
        ) from error
    headers, *lines = rows or [[]]
    width = len(headers)
    found = Dataset(headers=headers)
    for line in lines:
        if any(cell.strip() for cell in line):
            found.append((line + [""] * width)[:width])
        else:
            # Kept, so that the lines of the file keep their numbers.
            found.append([""] * width)
    return found


def _decoded(content: bytes) -> str:
    if b"\x00" in content:
        raise Unreadable(_("This is no CSV or Excel file. Save your list as CSV or XLSX."))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What spreadsheets on Windows write where nobody asks them for UTF-8; it has no errors.
        return content.decode("cp1252", errors="replace")


def text_of(cell: object) -> str:
    """Return a cell as text without what our export put before a formula."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return unescape_formula(cell)
