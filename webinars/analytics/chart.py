"""The data of a chart."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The kinds of charts in static/webinarsync/charts.js."""

    BARS = "bars"
    STACKED = "stacked"
    LYING = "lying"
    LINES = "lines"


@dataclass(frozen=True, slots=True)
class Chart:
    """A titled table of whole numbers: a heading and a name for each column, and labelled rows.

    `rows` are (label, numbers), a number for each of `series`; None for unknown. The page offers
    the table, and the chart is drawn from it. Without rows the page shows `empty` instead.
    """

    name: str
    title: str
    kind: Kind
    heading: str
    series: list[str]
    rows: list[tuple[str, list[int | None]]]
    empty: str
    note: str = ""
