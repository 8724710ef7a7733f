"""Stream a list as a CSV file whose cells cannot be executed by a spreadsheet.

Which character separates cells depends on the program that opens the file: in many countries it is
the semicolon. So no cell may begin a formula, and neither may the part of a cell after another
separator or a line end.
"""

import csv
import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence

from django.http import StreamingHttpResponse

# What spreadsheets read as the start of a formula: = + - @ in any width and height.
_SIGNS = r"=+\-@＝＋－＠﹦﹢﹣﹫⁼⁺⁻₌₊₋−"
# What may precede it: blanks, quotes and invisible characters.
_PASSED_OVER = (
    r'"\x00-\x08\x0e-\x1b\x1f \x7f-\x84\x86-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5'
    r"\u180b-\u180f\u2000-\u200f\u202a-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff"
    r"\uffa0\ufff9-\ufffb"
)
# What ends a cell or a line. A comma does not: cells with commas are quoted.
_ENDS = r";|\t\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029"
# A cell that begins with an apostrophe before a formula gets another one, so that ours can be
# removed again.
_BEGINS = f"'*[{_PASSED_OVER}]*[{_SIGNS}]"
# A tab or line end, with anything below it.
_BREAK = r"'*[\t\r\n]\s*\S"
_START = re.compile(f"{_BREAK}|{_BEGINS}")
_END = re.compile(f"[{_ENDS}]")
_ESCAPED = re.compile(f"^(?={_BREAK})|(^|[{_ENDS}])(?={_BEGINS})")
_UNESCAPED = re.compile(f"^'(?={_BREAK})|(^|[{_ENDS}])'(?={_BEGINS})")
_AT_START = re.compile(f"[{_PASSED_OVER}{_ENDS}]*[{_SIGNS}]")
# Contains no calls: at worst it is a sum of numbers.
_PHONE_NUMBER = re.compile(r"\+(?=[^0-9]*[0-9])[0-9 ()./-]+")


class _Echo:
    """A file whose `write` returns the text."""

    def write(self, text: str) -> str:
        return text


def csv_file(
    filename: str, headings: Sequence[str], rows: Iterable[Sequence[object]]
) -> StreamingHttpResponse:
    """Return `rows` below `headings` as a download; no cell is executed by a spreadsheet."""
    answer = StreamingHttpResponse(_lines(headings, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{filename}"'
    return answer


def escape_row(cells: Sequence[object]) -> list[str]:
    """Return the cells of a line as text that no spreadsheet executes, whatever separates them."""
    row = [escape_formula(cell) for cell in cells]
    if row and _PHONE_NUMBER.fullmatch(row[0]):
        # With another separator, the rest of the line belongs to the first cell, or the first
        # cell to one of the line before.
        row[0] = f"'{row[0]}"
    return row


def escape_formula(cell: object) -> str:
    """Return `cell` as text that no spreadsheet executes; a phone number keeps its plus sign."""
    text = cell if isinstance(cell, str) else _text(cell)
    if _PHONE_NUMBER.fullmatch(text):
        return text
    # A quick check for most cells, four times as fast.
    if not _START.match(text) and not _END.search(text):
        return text
    return _ESCAPED.sub(r"\1'", text)


def unescape_formula(cell: object) -> str:
    """Return the original text of a cell made by `escape_formula`, without surrounding blanks."""
    return _UNESCAPED.sub(r"\1", "" if cell is None else str(cell)).strip()


def begins_formula(text: str) -> bool:
    """Return whether a spreadsheet would read a typed `text` as a formula."""
    return _AT_START.match(text) is not None


def _text(cell: object) -> str:
    if cell is None:
        return ""
    return cell.isoformat() if isinstance(cell, dt.datetime) else str(cell)


def _lines(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    # The byte order mark makes spreadsheets read the file as UTF-8.
    yield "\ufeff" + writer.writerow(escape_row(headings))
    for cells in rows:
        yield writer.writerow(escape_row(cells))
