"""Export a list in the requested file format."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from django.http import FileResponse, StreamingHttpResponse

from core.csv_export import csv_file
from core.xlsx_export import xlsx_file


class FileKind(StrEnum):
    """The file formats, by extension."""

    CSV = "csv"
    XLSX = "xlsx"


def table_file(
    kind: FileKind, name: str, headings: Sequence[str], rows: Iterable[Sequence[object]]
) -> StreamingHttpResponse | FileResponse:
    """Return `rows` below `headings` as a file called `name`, given without extension."""
    make = csv_file if kind == FileKind.CSV else xlsx_file
    return make(f"{name}.{kind}", headings, rows)
