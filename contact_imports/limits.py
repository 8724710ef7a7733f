"""Limits for uploaded files, checked while a file is read, so that a small file that expands to a
large one costs neither time nor memory (docs/security.md lists the numbers)."""

import time
from collections.abc import Sequence

from contact_imports.reasons import Unreadable

_MEBIBYTE = 1024 * 1024

MAX_FILE_BYTES = 50 * _MEBIBYTE
# Of all sheets of a file together, as far as they are read.
MAX_ROWS = 250_000
MAX_CELLS = 5_000_000
MAX_CHARACTERS = 200_000_000
# The limits of spreadsheets; empty rows and columns are skipped.
MAX_ROW_NUMBER = 1_048_576
MAX_COLUMN_NUMBER = 16_384
# A page asks for the meaning of each column, and accepts at most a thousand fields.
MAX_COLUMNS = 900
MAX_CELL_CHARACTERS = 65_536
MAX_ROW_CHARACTERS = 500_000
# Distinct addresses in all cells. A file with more can be imported, but is discarded when any
# contact is deleted.
MAX_ADDRESSES = 300_000

# Of an Excel file, which is an archive of XML files.
MAX_UNPACKED_BYTES = 300 * _MEBIBYTE
MAX_SHEETS = 250
MAX_TEXTS_BYTES = 40 * _MEBIBYTE
MAX_FORMATS = 70_000
# Of a number format, of the name or path of a part, of a style's number.
MAX_NAME_CHARACTERS = 255
# The archive's directory: some 10,000 files.
MAX_DIRECTORY_BYTES = _MEBIBYTE
MAX_XML_DEPTH = 64
# A tag or comment is parsed again with each chunk of it.
MAX_XML_TOKEN_BYTES = 128 * 1024
MAX_XML_NAMES = 20_000

# CPU time: a busy machine refuses no file that an idle one reads.
MAX_READ_SECONDS = 120.0
# A file that has killed this many workers is not read again.
MAX_READ_ATTEMPTS = 5

_ROWS_PER_TIME_CHECK = 500


class Budget:
    """The remaining limits of reading a file; each method raises Unreadable when one is exceeded.
    There is no time limit for a file that was read within it before."""

    def __init__(self, seconds: float | None = MAX_READ_SECONDS) -> None:
        self._until = None if seconds is None else time.thread_time() + seconds
        self._rows = self._filled = self._cells = self._characters = self._bytes = 0

    def count_row(self, number: int, cells: Sequence[str], read: int = 0) -> None:
        """Count a row with its cells, including empty ones; `read` says how many rows were skipped
        before it."""
        self._rows += 1
        if number > MAX_ROW_NUMBER or self._rows > MAX_ROW_NUMBER:
            raise Unreadable("too_many_rows")
        if not self._rows % _ROWS_PER_TIME_CHECK:
            self._look_at_the_clock()
        if len(cells) > MAX_COLUMNS:
            raise Unreadable("too_many_columns")
        self._cells += max(len(cells), read)
        if self._cells > MAX_CELLS:
            raise Unreadable("too_many_cells")
        characters = sum(map(len, cells))
        if not characters:
            return
        if characters > MAX_ROW_CHARACTERS:
            raise Unreadable("row_too_long")
        if characters > MAX_CELL_CHARACTERS and max(map(len, cells)) > MAX_CELL_CHARACTERS:
            raise Unreadable("cell_too_long")
        self._filled += 1
        if self._filled > MAX_ROWS:
            raise Unreadable("too_many_rows")
        self._characters += characters
        if self._characters > MAX_CHARACTERS:
            raise Unreadable("too_large_unpacked")

    def expect_bytes(self, count: int) -> None:
        """Refuse at once what will exceed a limit."""
        if self._bytes + count > MAX_UNPACKED_BYTES:
            raise Unreadable("too_large_unpacked")

    def count_bytes(self, count: int) -> None:
        """Count unpacked bytes of an archive."""
        self._bytes += count
        if self._bytes > MAX_UNPACKED_BYTES:
            raise Unreadable("too_large_unpacked")
        self._look_at_the_clock()

    def _look_at_the_clock(self) -> None:
        if self._until is not None and time.thread_time() > self._until:
            raise Unreadable("too_slow")
