"""A list as a CSV file, sent line by line, however long it is."""

import csv
from collections.abc import Iterable, Iterator, Sequence

from django.http import StreamingHttpResponse

from contacts.resources import harmless


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


def _lines(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    # The mark at the start tells spreadsheets that this is UTF-8.
    yield "\ufeff" + writer.writerow(headings)
    for cells in rows:
        yield writer.writerow([harmless(cell) for cell in cells])
