"""Export a list in the requested file format."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

from django.http import FileResponse, StreamingHttpResponse
from django.utils.translation import gettext_lazy as _

from core.csv_export import csv_file
from core.xlsx_export import xlsx_file


class FileKind(StrEnum):
    """The file formats, by extension."""

    CSV = "csv"
    XLSX = "xlsx"

    @property
    def button(self) -> Any:
        """Return the label of the button that exports this format."""
        return _("Export CSV") if self == FileKind.CSV else _("Export Excel")


def table_file(
    kind: FileKind, name: str, headings: Sequence[str], rows: Iterable[Sequence[object]]
) -> StreamingHttpResponse | FileResponse:
    """Return `rows` below `headings` as a file called `name`, given without extension."""
    make = csv_file if kind == FileKind.CSV else xlsx_file
    return make(f"{name}.{kind}", headings, rows)
