"""Filters of the admin's lists that choose nobody where they cannot be read."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter, RangeDateFilter
from unfold.utils import parse_date_str

from core.people_filters import nobody


class PeopleDropdownFilter(DropdownFilter):  # type: ignore[misc]
    """People by a choice. The admin leaves a filter out that has nothing to choose from, whatever
    the address asks it for."""

    def has_output(self) -> bool:
        return bool(self.value()) or bool(super().has_output())


class PeopleRangeDateFilter(RangeDateFilter):  # type: ignore[misc]
    """People by a day from which or until which something was; the theme's own filter leaves out a
    day that it cannot read."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        days = [self.used_parameters.get(name) for name in self.expected_parameters()]
        if any(day and parse_date_str(day) is None for day in days):
            return nobody(request, queryset, self.title)
        found: QuerySet[Any] = super().queryset(request, queryset)
        return found
