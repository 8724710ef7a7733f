"""Read an Excel file row by row: its shared texts, styles and cells as they are shown.

openpyxl reads whole rows, and all shared texts and styles before them, however large; only its
knowledge of formats and dates is used here.
"""

import math
import posixpath
import re
from array import array
from collections.abc import Iterator
from typing import IO, Any

from contact_imports.cells import shown, text_of
from contact_imports.limits import (
    MAX_CELL_CHARACTERS,
    MAX_CELLS,
    MAX_COLUMN_NUMBER,
    MAX_COLUMNS,
    MAX_FORMATS,
    MAX_NAME_CHARACTERS,
    MAX_ROW_CHARACTERS,
    MAX_ROW_NUMBER,
    MAX_SHEETS,
    MAX_TEXTS_BYTES,
    Budget,
)
from contact_imports.reasons import Unreadable
from contact_imports.xml_parts import open_archive, parse, parse_all

_WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_GENERAL = "General"
_NO_STYLE = -1
_COLUMN = re.compile(r"([A-Z]{1,3})[0-9]*", re.IGNORECASE)
_LETTERS = re.compile(r"[A-Z]{4}", re.IGNORECASE)


class Workbook:
    """An Excel file. Each method raises Unreadable."""

    def __init__(self, file: IO[bytes], budget: Budget) -> None:
        self._budget = budget
        self._archive = open_archive(file)
        self._parts = set(self._archive.namelist())
        if _WORKBOOK not in self._parts:
            raise Unreadable("other_office")
        listed, targets = _Listed(), _Targets()
        parse_all(self._archive, _WORKBOOK, listed, budget)
        parse_all(self._archive, _RELATIONS, targets, budget)
        self._sheets: dict[str, str] = {}
        # Hidden sheets come last.
        for name, relation, _state in sorted(listed.sheets, key=lambda sheet: sheet[2]):
            part = targets.worksheets.get(relation, "")
            if part in self._parts:
                self._sheets.setdefault(name, part)
        self._texts, self._styles = _Texts(), _Styles(listed.begins_1904)
        for part, handler in ((targets.texts, self._texts), (targets.styles, self._styles)):
            if part in self._parts:
                parse_all(self._archive, part, handler, budget)

    @property
    def sheets(self) -> list[str]:
        """The names of the sheets with cells, hidden ones last."""
        return list(self._sheets)

    def rows(self, sheet: str) -> Iterator[tuple[int, list[str]]]:
        """Yield each row of a sheet with its number."""
        cells = _Cells(self._texts, self._styles, self._budget)
        for _pause in parse(self._archive, self._sheets[sheet], cells, self._budget):
            if cells.rows:
                rows, cells.rows = cells.rows, []
                yield from rows


# -- the small parts -------------------------------------------------------------------------------


class _Listed:
    """Parse the sheets of a workbook: name, relation, and whether it is hidden."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, str, bool]] = []
        self.begins_1904 = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            relation = next((attributes[key] for key in attributes if key.endswith(":id")), "")
            hidden = attributes.get("state", "visible") != "visible"
            self.sheets.append((_short(attributes.get("name", "")), _short(relation), hidden))
            if len(self.sheets) > MAX_SHEETS:
                raise Unreadable("too_many_sheets")
        elif name == "workbookPr":
            self.begins_1904 = attributes.get("date1904", "0") in ("1", "true", "on")

    def end(self, name: str) -> None:
        pass

    def text(self, data: str) -> None:
        pass


class _Targets:
    """Parse the paths of a workbook's parts."""

    def __init__(self) -> None:
        self.worksheets: dict[str, str] = {}
        self.texts = self.styles = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name != "Relationship":
            return
        kind = attributes.get("Type", "").rpartition("/")[2]
        target = posixpath.normpath(posixpath.join("/xl", attributes.get("Target", ""))).lstrip("/")
        if len(target) > MAX_NAME_CHARACTERS:
            return
        if kind == "worksheet":
            if len(self.worksheets) < MAX_SHEETS:
                self.worksheets[_short(attributes.get("Id", ""))] = target
        elif kind == "sharedStrings":
            self.texts = target
        elif kind == "styles":
            self.styles = target

    def end(self, name: str) -> None:
        pass

    def text(self, data: str) -> None:
        pass


def _short(name: str) -> str:
    return name[:MAX_NAME_CHARACTERS]


class _Styles:
    """Parse the number format of each style, and whether it is one of dates."""

    def __init__(self, begins_1904: bool) -> None:
        # Imported here because most processes do not need its 7 MB.
        from openpyxl.styles.numbers import BUILTIN_FORMATS

        self.begins_1904 = begins_1904
        self._codes: dict[str, str] = {str(key): code for key, code in BUILTIN_FORMATS.items()}
        self._formats: list[str] = []
        self._in_cell_formats = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "numFmt":
            code = attributes.get("formatCode", _GENERAL)
            if len(code) <= MAX_NAME_CHARACTERS:
                self._codes[_short(attributes.get("numFmtId", ""))] = code
        elif name == "cellXfs":
            self._in_cell_formats = True
        elif name == "xf" and self._in_cell_formats:
            self._formats.append(_short(attributes.get("numFmtId", "0")))
        if len(self._formats) > MAX_FORMATS or len(self._codes) > MAX_FORMATS:
            raise Unreadable("broken_excel")

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._in_cell_formats = False

    def text(self, data: str) -> None:
        pass

    def __len__(self) -> int:
        return len(self._formats)

    def format_of(self, style: int) -> str:
        """Return the number format of a style by its number; the general one if it is missing."""
        return _GENERAL if style == _NO_STYLE else self._codes.get(self._formats[style], _GENERAL)


class _Content:
    """Collect the text of a cell or a shared text, plain or rich, without phonetic hints."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0
        self.is_open = self.in_help = False

    def begin(self) -> None:
        self._pieces, self._length, self.is_open, self.in_help = [], 0, False, False

    def add(self, data: str) -> None:
        if self.is_open and not self.in_help:
            self._length += len(data)
            if self._length > MAX_CELL_CHARACTERS:
                raise Unreadable("cell_too_long")
            self._pieces.append(data)

    def take(self) -> str:
        # An underscore before an escape sequence is escaped like this.
        return "".join(self._pieces).replace("x005F_", "")


class _Texts:
    """The shared texts, in one piece of memory: a list of strings would take several times as
    much."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._ends = array("I")
        self._content = _Content()
        # Consecutive cells often have the same text.
        self._last: tuple[int | None, str] = (None, "")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "si":
            self._content.begin()
        elif name == "t":
            self._content.is_open = True
        elif name == "rPh":
            self._content.in_help = True

    def end(self, name: str) -> None:
        if name == "t":
            self._content.is_open = False
        elif name == "rPh":
            self._content.in_help = False
        elif name == "si":
            self._bytes += self._content.take().encode()
            self._ends.append(len(self._bytes))
            if len(self._bytes) > MAX_TEXTS_BYTES or len(self._ends) > MAX_CELLS:
                raise Unreadable("too_many_texts")

    def text(self, data: str) -> None:
        self._content.add(data)

    def __getitem__(self, number: int) -> str:
        if number != self._last[0]:
            if number < 0:
                raise IndexError(number)
            begin = self._ends[number - 1] if number else 0
            self._last = (number, self._bytes[begin : self._ends[number]].decode())
        return self._last[1]


# -- the cells -------------------------------------------------------------------------------------


class _Cells:
    """The rows of a sheet as far as they were read; the consumer empties `rows`."""

    def __init__(self, texts: _Texts, styles: _Styles, budget: Budget) -> None:
        self.rows: list[tuple[int, list[str]]] = []
        self._texts, self._styles, self._budget = texts, styles, budget
        self._read_as: dict[int, _ReadAs] = {}
        self._columns: dict[str, int] = {}
        self._content = _Content()
        self._in_row = False
        self._number = self._last = self._characters = self._read = 0
        self._row: list[str] = []
        self._column, self._kind, self._style = 0, "n", "0"

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            if self._in_row:
                self._begin_cell(attributes)
        elif name == "v" or name == "t":
            self._content.is_open = True
        elif name == "rPh":
            self._content.in_help = True
        elif name == "row":
            number = attributes.get("r")
            self._number = int(float(number)) if number else self._number + 1
            if self._number > MAX_ROW_NUMBER:
                raise Unreadable("too_many_rows")
            self._in_row, self._row = True, []
            self._column = self._characters = self._read = 0

    def end(self, name: str) -> None:
        if name == "v" or name == "t":
            self._content.is_open = False
        elif name == "c":
            if self._in_row:
                self._end_cell()
        elif name == "rPh":
            self._content.in_help = False
        elif name == "row":
            self._in_row = False
            self._budget.count_row(self._number, self._row, self._read)
            # As in openpyxl, duplicate and late row numbers are ignored.
            if self._number > self._last:
                self._last = self._number
                self.rows.append((self._number, self._row))

    def text(self, data: str) -> None:
        self._content.add(data)

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        place = attributes.get("r")
        self._column = self._column_of(place) if place else self._column + 1
        self._read += 1
        if self._column > MAX_COLUMN_NUMBER or self._read > MAX_COLUMN_NUMBER:
            raise Unreadable("too_many_columns")
        self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "0")
        self._content.begin()

    def _end_cell(self) -> None:
        value = self._value(self._content.take())
        if not value:
            # Programs write empty cells that only have a format.
            return
        if self._column > MAX_COLUMNS:
            raise Unreadable("too_many_columns")
        self._characters += len(value)
        if self._characters > MAX_ROW_CHARACTERS:
            raise Unreadable("row_too_long")
        if self._column > len(self._row):
            self._row += [""] * (self._column - len(self._row))
        self._row[self._column - 1] = value

    def _column_of(self, place: str) -> int:
        letters = place.rstrip("0123456789")
        if letters not in self._columns:
            if _LETTERS.match(letters):
                raise Unreadable("too_many_columns")
            if not _COLUMN.fullmatch(letters):
                raise Unreadable("broken_excel")
            number = 0
            for letter in letters.upper():
                number = number * 26 + ord(letter) - ord("A") + 1
            self._columns[letters] = number
        return self._columns[letters]

    def _value(self, content: str) -> str:
        if not content:
            return ""
        if self._kind == "s":
            return text_of(self._texts[int(content)])
        if self._kind == "n":
            return self._read_as_style(int(self._style)).text_of(content)
        if self._kind == "b":
            return text_of(bool(int(content)))
        return _date(content) if self._kind == "d" else text_of(content)

    def _read_as_style(self, style: int) -> "_ReadAs":
        if style >= len(self._styles):
            style = _NO_STYLE
        if style not in self._read_as:
            self._read_as[style] = _ReadAs(self._styles, style)
        return self._read_as[style]


class _ReadAs:
    """How numbers of one style are shown."""

    def __init__(self, styles: _Styles, style: int) -> None:
        from openpyxl.styles.numbers import is_date_format, is_timedelta_format
        from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH

        self._format = styles.format_of(style)
        self._is_date = is_date_format(self._format)
        self._is_duration = is_timedelta_format(self._format)
        self._epoch = MAC_EPOCH if styles.begins_1904 else WINDOWS_EPOCH

    def text_of(self, content: str) -> str:
        number = _number(content)
        if number is None:
            return text_of(content)
        if not self._is_date:
            return shown(number, self._format)
        from openpyxl.utils.datetime import from_excel

        try:
            date = from_excel(number, self._epoch, timedelta=self._is_duration)
        except (OverflowError, ValueError):
            # Excel shows an error.
            return ""
        return shown(date, self._format)


def _number(content: str) -> Any:
    """Parse a number of a file; None if it is invalid."""
    try:
        number = float(content) if any(sign in content for sign in ".Ee") else int(content)
    except ValueError:
        return None
    return number if isinstance(number, int) or math.isfinite(number) else None


def _date(content: str) -> str:
    from openpyxl.utils.datetime import from_ISO8601

    try:
        return shown(from_ISO8601(content), _GENERAL)
    except (ValueError, OverflowError):
        return text_of(content)
