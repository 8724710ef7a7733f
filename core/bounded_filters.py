"""Filter fields for a `PeopleFilter` whose values cannot make a query expensive or fail.

Numbers stay within the database's range, texts within what a page may search for, and days are
compared as moments, which an index answers.
"""

import datetime as dt
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from core.search_words import LONGEST, too_much


class _SearchField(forms.CharField):
    def validate(self, value: Any) -> None:
        super().validate(value)
        if why := too_much(str(value)):
            raise forms.ValidationError(why)


class SearchFilter(django_filters.CharFilter):  # type: ignore[misc]
    """Words to search for, not too many (core.search_words)."""

    field_class = _SearchField


class TextFilter(django_filters.CharFilter):  # type: ignore[misc]
    """A text of at most 200 characters."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST, **kwargs)


class WholeNumberFilter(django_filters.NumberFilter):  # type: ignore[misc]
    """A whole number from `min_value` to `max_value`."""

    field_class = forms.IntegerField

    def __init__(self, *, min_value: int, max_value: int, **kwargs: Any) -> None:
        super().__init__(min_value=min_value, max_value=max_value, **kwargs)


class DayFilter(django_filters.DateFilter):  # type: ignore[misc]
    """A day in the reader's time zone, entered in the browser's date field."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}), **kwargs)


class FromDayFilter(DayFilter):
    """Filter by a day or later."""

    def filter(self, qs: QuerySet[Any], value: dt.date | None) -> QuerySet[Any]:
        """Return those of `qs` from the beginning of `value` on."""
        moment = _beginning_of(value)
        return qs if moment is None else qs.filter(**{f"{self.field_name}__gte": moment})


class UntilDayFilter(DayFilter):
    """Filter by a day or earlier."""

    def filter(self, qs: QuerySet[Any], value: dt.date | None) -> QuerySet[Any]:
        """Return those of `qs` before the end of `value`."""
        moment = _beginning_of(value, days_later=1)
        return qs if moment is None else qs.filter(**{f"{self.field_name}__lt": moment})


def _beginning_of(day: dt.date | None, days_later: int = 0) -> dt.datetime | None:
    """Return the first moment of a day in the reader's time zone; None without a day, and at either
    end of the calendar."""
    if not day:
        return None
    try:
        midnight = dt.datetime.combine(day + dt.timedelta(days=days_later), dt.time.min)
        return timezone.make_aware(midnight).astimezone(dt.UTC)
    except OverflowError:
        return None
