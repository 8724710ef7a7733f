"""A list as a CSV file, sent line by line, however long it is; its cells harm no spreadsheet."""

import csv
import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence

from django.http import StreamingHttpResponse

# A spreadsheet takes a cell that begins so for a formula and would execute it.
_FORMULA = frozenset("=+-@\t\r\n")
# Nothing in it can be called: at worst it is a sum of numbers.
_PHONE_NUMBER = re.compile(r"\+(?=[^0-9]*[0-9])[0-9 ()./-]+")


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def csv_file(
    filename: str, headings: Sequence[str], rows: Iterable[Sequence[object]]
) -> StreamingHttpResponse:
    """Return `rows` below `headings` as a file to keep; no cell of it is run by a spreadsheet."""
    answer = StreamingHttpResponse(_lines(headings, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{filename}"'
    return answer


def escape_formula(cell: object) -> str:
    """Return `cell` as text that no spreadsheet executes; a phone number keeps its plus."""
    text = cell if isinstance(cell, str) else _text(cell)
    if text[:1] in _FORMULA and not _PHONE_NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def unescape_formula(cell: object) -> str:
    """Return the text that `escape_formula` made `cell` of."""
    text = "" if cell is None else str(cell).strip()
    return text[1:] if text[:1] == "'" and text[1:2] in _FORMULA else text


def _text(cell: object) -> str:
    if cell is None:
        return ""
    return cell.isoformat() if isinstance(cell, dt.datetime) else str(cell)


def _lines(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    # The mark at the start tells spreadsheets that this is UTF-8.
    yield "\ufeff" + writer.writerow([escape_formula(heading) for heading in headings])
    for cells in rows:
        yield writer.writerow([escape_formula(cell) for cell in cells])
