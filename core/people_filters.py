"""Query strings that choose people: what cannot be read chooses no one, and says so.

Whatever is done with the people chosen, shown, written to, exported, registered, would be done with
everyone if a condition that cannot be read were left out. Filters of our own pages are a
`PeopleFilter`; filters of the admin's lists give `select_nobody`.
"""

from typing import Any, TypeVar

import django_filters
from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from core.audit import FilterValue

Row = TypeVar("Row", bound=Model)
# Texts that are typed, and are the name of no one who is found by them.
_SHARED_VALUES = frozenset({"country"})


def _kind(name: str, item: django_filters.Filter) -> FilterValue:
    if isinstance(item, django_filters.CharFilter) and name not in _SHARED_VALUES:
        return FilterValue.TYPED
    several = isinstance(item, django_filters.MultipleChoiceFilter)
    return FilterValue.CODES if several else FilterValue.CODE


class PeopleFilter(django_filters.FilterSet):  # type: ignore[misc]
    """A filter that finds no one where one of its conditions cannot be read."""

    @property
    def qs(self) -> QuerySet[Any]:
        found: QuerySet[Any] = self.queryset.none() if self.unreadable_reason else super().qs
        return found

    @classmethod
    def parameters(cls) -> dict[str, FilterValue]:
        """Return the parameters of an address that filter, and what the values of each are."""
        return {name: _kind(name, item) for name, item in cls.base_filters.items()}

    @property
    def unreadable_reason(self) -> str:
        """Return why no one is chosen, in a sentence; "" where every condition can be read."""
        if not self.is_bound or self.is_valid():
            return ""
        fields = self.form.fields
        return unreadable([fields[name].label for name in self.form.errors if name in fields])


def unreadable(conditions: list[Any]) -> str:
    """Return the sentence that `conditions`, their labels, cannot be read."""
    named = ", ".join(f"“{condition}”" for condition in conditions)
    return _("No one is selected, because a condition cannot be read: %(named)s.") % {
        "named": named
    }


def select_nobody(request: HttpRequest, rows: QuerySet[Row], condition: Any) -> QuerySet[Row]:
    """Return none of `rows` and tell whoever asks that `condition`, a label, cannot be read."""
    message = unreadable([condition])
    # A list asks its filters several times.
    shown = request.__dict__.setdefault("_unreadable_shown", set())
    if message not in shown:
        shown.add(message)
        messages.error(request, message, fail_silently=True)
    return rows.none()
