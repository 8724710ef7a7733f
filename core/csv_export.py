"""A list as a CSV file, sent line by line, however long it is; its cells harm no spreadsheet.

Which sign separates the cells, whoever opens the file decides: in many countries a spreadsheet
takes the semicolon. So no cell may begin a formula, and no part of one that another separator, or
the end of a line, makes a cell of its own.
"""

import csv
import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence

from django.http import StreamingHttpResponse

# What spreadsheets take for the start of a formula: = + - @ in whichever width and height.
_SIGNS = r"=+\-@＝＋－＠﹦﹢﹣﹫⁼⁺⁻₌₊₋−"
# What can be before it and is passed over: blanks, quotes, and what no one sees.
_PASSED_OVER = (
    r'"\x00-\x08\x0e-\x1b\x1f \x7f-\x84\x86-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5'
    r"\u180b-\u180f\u2000-\u200f\u202a-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff"
    r"\uffa0\ufff9-\ufffb"
)
# What ends a cell or a line. A comma does not: cells that have one are quoted.
_ENDS = r";|\t\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029"
# An apostrophe that is before it already gets another, so that each is told from ours.
_BEGINS = f"'*[{_PASSED_OVER}]*[{_SIGNS}]"
# A tab or the end of a line, with anything below.
_BREAK = r"'*[\t\r\n]\s*\S"
_START = re.compile(f"{_BREAK}|{_BEGINS}")
_END = re.compile(f"[{_ENDS}]")
_ESCAPED = re.compile(f"^(?={_BREAK})|(^|[{_ENDS}])(?={_BEGINS})")
_UNESCAPED = re.compile(f"^'(?={_BREAK})|(^|[{_ENDS}])'(?={_BEGINS})")
_AT_START = re.compile(f"[{_PASSED_OVER}{_ENDS}]*[{_SIGNS}]")
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


def escape_row(cells: Sequence[object]) -> list[str]:
    """Return the cells of a line as text that no spreadsheet executes, whatever separates them."""
    row = [escape_formula(cell) for cell in cells]
    if row and _PHONE_NUMBER.fullmatch(row[0]):
        # With another separator the rest of the line belongs to the first cell, or the first cell
        # to one of the line before.
        row[0] = f"'{row[0]}"
    return row


def escape_formula(cell: object) -> str:
    """Return `cell` as text that no spreadsheet executes; a phone number keeps its plus."""
    text = cell if isinstance(cell, str) else _text(cell)
    if _PHONE_NUMBER.fullmatch(text):
        return text
    # Most cells are distinguished by these, four times as fast.
    if not _START.match(text) and not _END.search(text):
        return text
    return _ESCAPED.sub(r"\1'", text)


def unescape_formula(cell: object) -> str:
    """Return the text that `escape_formula` made `cell` of, without blanks around it."""
    return _UNESCAPED.sub(r"\1", "" if cell is None else str(cell)).strip()


def begins_formula(text: str) -> bool:
    """Return whether a spreadsheet would take `text` for a formula where it is typed."""
    return _AT_START.match(text) is not None


def _text(cell: object) -> str:
    if cell is None:
        return ""
    return cell.isoformat() if isinstance(cell, dt.datetime) else str(cell)


def _lines(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    # The mark at the start tells spreadsheets that this is UTF-8.
    yield "\ufeff" + writer.writerow(escape_row(headings))
    for cells in rows:
        yield writer.writerow(escape_row(cells))
