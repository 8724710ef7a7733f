"""Filters that select people: an invalid filter selects no one, with a message.

If an invalid condition were ignored, whatever is done with the people selected (shown, emailed,
exported, registered) would be done with everyone. Filters of our own pages are a `PeopleFilter`;
filters of the admin's lists call `select_nobody`.
"""

from typing import Any, TypeVar

import django_filters
from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from core.audit import FilterValue

Row = TypeVar("Row", bound=Model)
# Typed texts that are shared by many people and name no one.
_SHARED_VALUES = frozenset({"country"})


def _kind(name: str, item: django_filters.Filter) -> FilterValue:
    if isinstance(item, django_filters.CharFilter) and name not in _SHARED_VALUES:
        return FilterValue.TYPED
    several = isinstance(item, django_filters.MultipleChoiceFilter)
    return FilterValue.CODES if several else FilterValue.CODE


class PeopleFilter(django_filters.FilterSet):  # type: ignore[misc]
    """A filter that selects no one if one of its conditions is invalid."""

    @property
    def qs(self) -> QuerySet[Any]:
        found: QuerySet[Any] = self.queryset.none() if self.unreadable_reason else super().qs
        return found

    @classmethod
    def parameters(cls) -> dict[str, FilterValue]:
        """Return the query parameters that filter, and the kind of each one's values."""
        return {name: _kind(name, item) for name, item in cls.base_filters.items()}

    @property
    def unreadable_reason(self) -> str:
        """Return a sentence that says why no one is selected; "" if all conditions are valid."""
        if not self.is_bound or self.is_valid():
            return ""
        fields = self.form.fields
        return unreadable([fields[name].label for name in self.form.errors if name in fields])


def unreadable(conditions: list[Any]) -> str:
    """Return the sentence that `conditions`, given by their labels, are invalid."""
    named = ", ".join(f"“{condition}”" for condition in conditions)
    return _("No one is selected, because a condition cannot be read: %(named)s.") % {
        "named": named
    }


def select_nobody(request: HttpRequest, rows: QuerySet[Row], condition: Any) -> QuerySet[Row]:
    """Return none of `rows`, and show a message that `condition`, a label, is invalid."""
    message = unreadable([condition])
    # A list calls its filters several times.
    shown = request.__dict__.setdefault("_unreadable_shown", set())
    if message not in shown:
        shown.add(message)
        messages.error(request, message, fail_silently=True)
    return rows.none()
