"""Read a text file with separated cells row by row."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import IO

from contact_imports.cells import text_of
from contact_imports.encodings import open_text
from contact_imports.limits import MAX_COLUMNS, MAX_ROW_CHARACTERS, Budget
from contact_imports.mapping import guess
from contact_imports.reasons import Unreadable

_SEPARATORS = ",;\t|"
# The first rows decide what the separator is.
_SAMPLE_ROWS = 50
_SAMPLE_CHARACTERS = 256 * 1024
_EXCEL_SEPARATOR = re.compile(r'"?sep=(.)"?\r?\n', re.IGNORECASE)


def csv_rows(file: IO[bytes], encoding: str, budget: Budget) -> Iterator[tuple[int, list[str]]]:
    """Yield each row of a text file with its number. Raises Unreadable."""
    sample = open_text(file, encoding).read(_SAMPLE_CHARACTERS)
    declared = _EXCEL_SEPARATOR.match(sample)
    separator = declared[1] if declared else _separator(sample)
    text = open_text(file, encoding)
    try:
        if declared:
            text.read(declared.end())
        lines = _Lines(text)
        for number, row in enumerate(csv.reader(lines, delimiter=separator), start=1):
            cells = [text_of(cell) for cell in row]
            budget.count_row(number, cells)
            yield number, cells
            lines.begin_row()
    except csv.Error as error:
        # An unclosed quotation mark would make one cell of the rest of the file.
        is_long = "field larger" in str(error)
        raise Unreadable("cell_too_long" if is_long else "broken_csv") from error


class _Lines:
    """The lines of a text. A row can have several lines, if quoted cells contain line ends; none is
    read beyond the maximum length."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._left = MAX_ROW_CHARACTERS

    def begin_row(self) -> None:
        self._left = MAX_ROW_CHARACTERS

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._text.readline(self._left + 1)
        if not line:
            raise StopIteration
        self._left -= len(line)
        if self._left < 0:
            raise Unreadable("row_too_long")
        return line


def _separator(sample: str) -> str:
    """Return the separator: the one that yields known headings, or else the most cells."""

    def rating(separator: str) -> tuple[int, int]:
        lines = io.StringIO(sample, newline="")
        try:
            rows = list(islice(csv.reader(lines, delimiter=separator), _SAMPLE_ROWS))
        except csv.Error:
            return (0, 0)
        widths = [len(row) for row in rows if len(row) > 1]
        common = max(widths, key=widths.count, default=0)
        return (max(map(known, rows), default=0), widths.count(common) * common)

    return max(_SEPARATORS, key=rating)


def known(row: Sequence[str]) -> int:
    """Return how many cells of `row` are known headings."""
    return sum(map(bool, guess(row[:MAX_COLUMNS])))
