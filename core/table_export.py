"""A list as a file to keep, of the kind that was asked for."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from django.http import FileResponse, StreamingHttpResponse

from core.csv_export import csv_file
from core.xlsx_export import xlsx_file


class FileKind(StrEnum):
    """The kinds of files, by the ends of their names."""

    CSV = "csv"
    XLSX = "xlsx"


def table_file(
    kind: FileKind, name: str, headings: Sequence[str], rows: Iterable[Sequence[object]]
) -> StreamingHttpResponse | FileResponse:
    """Return `rows` below `headings` as a file called `name`, which has no ending yet."""
    make = csv_file if kind == FileKind.CSV else xlsx_file
    return make(f"{name}.{kind}", headings, rows)
