"""The filters in use, each in words, with the address of the page without it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.admin import SimpleListFilter
from django.contrib.admin.views.main import PAGE_VAR, SEARCH_VAR, ChangeList
from django.db import models
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from unfold.utils import parse_date_str

from core import dates
from core.numbers import whole_number
from core.people_filters import PeopleFilter

# At which page of it a list is: without a filter it begins again.
_PAGES = ("page", PAGE_VAR)


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in use: its name, what it is set to, and the query without it."""

    label: Any
    text: str
    query: str
    # The value cannot be read, and no one is found by it.
    is_unreadable: bool = False


def without(query: QueryDict, *names: str) -> str:
    """Return `query` from its first page on and without the parameters `names`."""
    left = query.copy()
    for name in (*names, *_PAGES):
        left.pop(name, None)
    return left.urlencode()


def _without_value(query: QueryDict, name: str, value: str) -> str:
    left = query.copy()
    left.setlist(name, [one for one in left.getlist(name) if one != value])
    return without(left)


def chips_of(filtered: PeopleFilter, query: QueryDict) -> list[Chip]:
    """Return the conditions of `query` that `filtered` has, in the order of its form; of one that
    takes several values, each."""
    return [
        chip
        for name, field in filtered.form.fields.items()
        for chip in _of_field(filtered.form, name, field, query)
    ]


def _of_field(form: forms.Form, name: str, field: Any, query: QueryDict) -> Iterator[Chip]:
    unreadable = name in form.errors
    if isinstance(field, forms.MultipleChoiceField | forms.ModelMultipleChoiceField):
        words = _choices(form, name, field)
        for value in dict.fromkeys(filter(str.strip, query.getlist(name))):
            text = words.get(value, value)
            yield Chip(field.label, text, _without_value(query, name, value), unreadable)
    elif value := query.get(name, "").strip():
        text = value if unreadable else _text(field, form.cleaned_data[name], value)
        yield Chip(field.label, text, without(query, name), unreadable)


def _choices(form: forms.Form, name: str, field: Any) -> dict[str, str]:
    """Return the words for the values of `field`; of rows, for those that are chosen."""
    if isinstance(field, forms.ModelMultipleChoiceField):
        chosen = form.cleaned_data.get(name) or ()
        return {str(row.pk): str(field.label_from_instance(row)) for row in chosen}
    return {str(value): str(label) for value, label in field.choices}


def _text(field: Any, cleaned: Any, written: str) -> str:
    if isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        return str({str(value): label for value, label in choices}.get(written, written))
    return dates.day(cleaned) if isinstance(field, forms.DateField) else written


def chips_of_list(changes: ChangeList, query: QueryDict) -> list[Chip]:
    """Return what a list of the admin is searched and filtered by."""
    chips = []
    if changes.query:
        chips.append(Chip(_("Search"), changes.query, without(query, SEARCH_VAR)))
    for item in changes.filter_specs:
        # Those of our own filters that depend on another one expect its parameter too.
        expected = (
            [item.parameter_name]
            if isinstance(item, SimpleListFilter)
            else item.expected_parameters()
        )
        names = [str(name) for name in expected if name]
        values = [query.get(name, "").strip() for name in names]
        if any(values):
            text = _text_of_filter(item, values)
            written = next(filter(None, values))
            chips.append(
                Chip(capfirst(item.title), text or written, without(query, *names), text is None)
            )
    return chips


def _text_of_filter(item: Any, values: list[str]) -> str | None:
    """Return what a filter of the admin is set to, in words; None where that cannot be read."""
    if getattr(item, "is_day_range", False):
        return _range(*values)
    value = next(filter(None, values))
    if isinstance(item, SimpleListFilter):
        choices: Any = item.lookup_choices
    elif isinstance(item.field, models.BooleanField):
        choices = (("1", _("Yes")), ("0", _("No")))
    elif item.field.is_relation:
        return _row(item.field.related_model, value)
    else:
        # Without choices any value is one.
        choices = item.field.flatchoices or ((value, value),)
    return {str(choice): str(label) for choice, label in choices}.get(value)


def _row(model: type[models.Model], key: str) -> str | None:
    number = whole_number(key)
    row = None if number is None else model._default_manager.filter(pk=number).first()
    return None if row is None else str(row)


def _range(first: str, last: str) -> str | None:
    """Return a first and a last day in words; None where one cannot be read."""
    days = [parse_date_str(written) for written in (first, last)]
    if any(written and not day for written, day in zip((first, last), days, strict=True)):
        return None
    return " – ".join(dates.day(day) if day else "…" for day in days)
