"""Export a list as an Excel file, written to the disk row by row, however long it is."""

import datetime as dt
import tempfile
from collections.abc import Iterable, Sequence
from typing import IO, Any

from django.http import FileResponse
from django.utils import timezone

from core.csv_export import begins_formula

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# The limits of Excel for a sheet and a cell.
ROWS_PER_SHEET = 1_048_576
CHARACTERS_PER_CELL = 32_767
_DATE_FORMAT = "yyyy-mm-dd hh:mm"


def xlsx_file(
    filename: str, headings: Sequence[str], rows: Iterable[Sequence[object]]
) -> FileResponse:
    """Return `rows` below `headings` as a workbook to download."""
    # The response closes it, and the disk has its space back.
    file = tempfile.TemporaryFile()  # noqa: SIM115
    try:
        write_workbook(file, headings, rows)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=filename, content_type=CONTENT_TYPE)


def write_workbook(
    file: IO[bytes], headings: Sequence[str], rows: Iterable[Sequence[object]]
) -> None:
    """Write `rows` below `headings` to `file`, each cell with its type: text is never a formula.

    Times are in the reader's time zone. Rows beyond the limit of a sheet go into another.
    """
    from xlsxwriter import Workbook  # 12 MB that most processes never need

    workbook = Workbook(file, {"constant_memory": True})
    styles = {
        "heading": workbook.add_format({"bold": True, "quote_prefix": True}),
        "date": workbook.add_format({"num_format": _DATE_FORMAT}),
        "text": workbook.add_format({"quote_prefix": True}),
    }
    sheet, row = _sheet(workbook, headings, styles), 1
    for cells in rows:
        if row == ROWS_PER_SHEET:
            sheet, row = _sheet(workbook, headings, styles), 1
        for column, cell in enumerate(cells):
            _write(sheet, row, column, cell, styles)
        row += 1
    workbook.close()


def _sheet(workbook: Any, headings: Sequence[str], styles: dict[str, Any]) -> Any:
    sheet = workbook.add_worksheet()
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(headings) - 1, 18)
    for column, heading in enumerate(headings):
        sheet.write_string(0, column, heading[:CHARACTERS_PER_CELL], styles["heading"])
    return sheet


def _write(sheet: Any, row: int, column: int, cell: object, styles: dict[str, Any]) -> None:
    if cell is None or cell == "":
        return
    if isinstance(cell, dt.datetime):
        at = timezone.make_naive(cell) if timezone.is_aware(cell) else cell
        sheet.write_datetime(row, column, at, styles["date"])
    elif isinstance(cell, int | float) and not isinstance(cell, bool):
        sheet.write_number(row, column, cell)
    else:
        text = str(cell)[:CHARACTERS_PER_CELL]
        # Stored as text, so that it does not become a formula when someone edits it.
        style = styles["text"] if begins_formula(text) else None
        sheet.write_string(row, column, text, style)
