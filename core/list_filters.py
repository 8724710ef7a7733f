"""Filters of the admin's lists. An invalid filter selects no one."""

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    DropdownFilter,
    RangeDateFilter,
    RelatedDropdownFilter,
)
from unfold.utils import parse_date_str

from core.filter_forms import ChoiceForm, DayRangeForm
from core.people_filters import select_nobody


class ChoiceFilter(ChoicesDropdownFilter):  # type: ignore[misc]
    """Filter by a column with choices."""

    form_class = ChoiceForm


class RelatedFilter(RelatedDropdownFilter):  # type: ignore[misc]
    """Filter by a relation to few rows."""

    form_class = ChoiceForm


class PeopleChoiceFilter(DropdownFilter):  # type: ignore[misc]
    """Filter people by a choice. The admin leaves out a filter without choices, whatever the query
    says."""

    form_class = ChoiceForm

    def has_output(self) -> bool:
        return bool(self.value()) or bool(super().has_output())


class DayRangeFilter(RangeDateFilter):  # type: ignore[misc]
    """Filter by a first and a last day, both included, in the reader's time zone."""

    form_class = DayRangeForm
    # For templates, whose modules are read before those of the admin.
    is_day_range = True

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        first, last = (self._day(name) for name in self.expected_parameters())
        if first is not None:
            queryset = queryset.filter(**{f"{self.field_path}__gte": _midnight(first)})
        if last is not None:
            after = last + dt.timedelta(days=1)
            queryset = queryset.filter(**{f"{self.field_path}__lt": _midnight(after)})
        return queryset

    def _day(self, name: str | None) -> dt.date | None:
        """Return a day of the query; None if there is none or it is invalid."""
        day: dt.date | None = parse_date_str(self.used_parameters.get(name))
        # The first and the last years have no neighbor in every time zone.
        return day if day and dt.MINYEAR < day.year < dt.MAXYEAR else None


class PeopleDayRangeFilter(DayRangeFilter):
    """Filter people by days; an invalid day selects no one."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        asked = [name for name in self.expected_parameters() if self.used_parameters.get(name)]
        if any(self._day(name) is None for name in asked):
            return select_nobody(request, queryset, self.title)
        return super().queryset(request, queryset)


def _midnight(day: dt.date) -> dt.datetime:
    """Return the beginning of `day` in the reader's time zone."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))
