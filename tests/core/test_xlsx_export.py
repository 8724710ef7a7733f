"""Excel files: the limits of a sheet and a cell, and what continues elsewhere."""

import datetime as dt
import io
import tempfile
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from core import xlsx_export
from core.xlsx_export import write_workbook, xlsx_file

pytestmark = pytest.mark.pure


def sheets_of(headings: list[str], rows: Any) -> dict[str, list[tuple[Any, ...]]]:
    file = io.BytesIO()
    write_workbook(file, headings, rows)
    workbook = load_workbook(file)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in workbook}


def test_cells_keep_their_types() -> None:
    at = dt.datetime(2026, 3, 2, 23, 30, tzinfo=dt.UTC)
    with timezone.override("Europe/Berlin"):
        sheets = sheets_of(["a", "b", "c", "d", "e"], [["=1+1", 3, at, None, "@x\x01"]])
    written = [("a", "b", "c", "d", "e"), ("=1+1", 3, dt.datetime(2026, 3, 3, 0, 30), None)]
    assert [
        row[: len(expected)] for row, expected in zip(sheets["Sheet1"], written, strict=True)
    ] == (written)


def test_more_rows_than_a_sheet_holds_go_on_in_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_export, "ROWS_PER_SHEET", 3)
    assert sheets_of(["n"], [[n] for n in range(5)]) == {
        "Sheet1": [("n",), (0,), (1,)],
        "Sheet2": [("n",), (2,), (3,)],
        "Sheet3": [("n",), (4,)],
    }


def test_a_text_longer_than_a_cell_is_cut() -> None:
    long = "x" * (xlsx_export.CHARACTERS_PER_CELL + 1)
    [heading], [cell] = sheets_of([long], [[long]])["Sheet1"]
    assert heading == cell == long[:-1]


def test_a_list_without_rows_has_its_headings() -> None:
    assert sheets_of(["a"], []) == {"Sheet1": [("a",)]}


def test_the_file_is_closed_where_the_rows_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    made = tempfile.TemporaryFile()  # noqa: SIM115
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda: made)

    def failing() -> Iterator[list[object]]:
        yield ["a"]
        raise LookupError

    with pytest.raises(LookupError):
        xlsx_file("a.xlsx", ["a"], failing())
    assert made.closed
