"""Template filters for dates, times and numbers, as `core.dates` and `core.numbers` format them; ""
without a value.

Every template has these filters without loading them.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django import template

from core import dates
from core.numbers import grouped
from core.time_zones import repeated_hour

register = template.Library()
register.filter("repeated_hour", repeated_hour)


def _or_nothing(write: Callable[[Any], str]) -> Callable[[dt.date | None], str]:
    return lambda value: write(value) if value else ""


register.filter("moment", _or_nothing(dates.moment))
register.filter("day", _or_nothing(dates.day))
register.filter("clock", _or_nothing(dates.clock))
register.filter("full", _or_nothing(dates.full))


@register.filter
def number(value: int | None) -> str:
    """Format a whole number in groups of three digits."""
    return "" if value is None else grouped(value)
