"""A picture as the table it is drawn from."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How static/webinarsync/charts.js draws a table."""

    BARS = "bars"
    STACKED = "stacked"
    LYING = "lying"
    LINES = "lines"


@dataclass(frozen=True, slots=True)
class Chart:
    """A titled table of whole numbers: a heading and a name for each column, a row a label.

    `rows` are (label, numbers), a number for each of `series`; None where nothing is known. The
    page shows the table to who wants it, and the picture is drawn from it, so that both say the
    same. Without rows the page says `empty` instead.
    """

    name: str
    title: str
    kind: Kind
    heading: str
    series: list[str]
    rows: list[tuple[str, list[int | None]]]
    empty: str
    note: str = ""
