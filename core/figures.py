"""Figures at the top of a page (`core/figures.html`)."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, its label, a note below it, and the page that lists what it counts."""

    label: Any
    value: object
    remark: str = ""
    address: str = ""
