"""The base of all lists of the admin: they answer only what they offer.

Django lets anyone who sees a list filter it by any column and lookup: by a regular expression that
takes years, or by a hash or a secret, letter by letter.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from django.contrib import messages
from django.contrib.admin import FieldListFilter, display
from django.contrib.admin.utils import get_fields_from_path
from django.contrib.admin.views.main import ORDER_VAR, ChangeList
from django.core.exceptions import BadRequest, FieldDoesNotExist
from django.core.paginator import Paginator
from django.db.models import DateTimeField, Model, QuerySet
from django.forms import Media
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import ngettext_lazy
from unfold.admin import ModelAdmin

from core import audit
from core.numbers import grouped
from core.record_pages import moment_or_dash
from core.search_words import too_much

# A filter has one value; several values of one parameter are several conditions.
MOST_VALUES = 20
# No list has more columns.
MOST_SORTED_BY = 20


class ListPaginator(Paginator[Any]):
    """Have the theme show the pages of a list with its number of rows in our words."""

    template_name = "core/list_footer.html"


@cache
def moment_column(field: DateTimeField[Any, Any]) -> Callable[[Any], str]:
    """Return the column of a list that shows `field` as every page shows times. It is the same
    object each time: Django compares the columns to sort by."""

    @display(description=field.verbose_name, ordering=field.name)
    def column(row: Any) -> str:
        return moment_or_dash(getattr(row, field.name))

    column.__name__ = field.name
    return column


def shown_column(model: type[Model], column: Any) -> Any:
    """Return `column` of a list, or a field of a page that cannot be changed; and a function in its
    place if it is a time of the model."""
    try:
        field = model._meta.get_field(column) if isinstance(column, str) else None
    except FieldDoesNotExist:
        return column
    return moment_column(field) if isinstance(field, DateTimeField) else column


class BoundedAdmin(ModelAdmin):  # type: ignore[misc]
    """Filter by the parameters of the list's own filters only, and limit searches to a few
    words."""

    # How the list is called where its model has another name; the menu has the same.
    list_name: Any = ""
    # How its rows are counted below it. Names of models that libraries define are their words.
    row_count: Any = ngettext_lazy("%(n)s entry", "%(n)s entries", "count")
    paginator: Any = ListPaginator
    empty_value_display = "–"
    # The words of the button that adds a row, and of its page; "" where no one adds any.
    add_label: Any = ""
    # The theme's button has an icon and no words, and is on the page to add a row too.
    show_add_link = False
    # The columns that a phone shows of a row: its title, and facts below it. By default, the
    # column that links to the row's page and the next two.
    phone_columns: tuple[str, ...] = ()
    # The filters in use; a template in its place shows them too.
    list_before_template = "core/list_chips.html"

    @property
    def media(self) -> Media:
        """Return the one script that a list needs. Widgets and filters add their own; what Django
        loads besides, jQuery and four more, is for fields that no page here has."""
        return Media(js=["admin/js/actions.js"])

    def name_of_list(self) -> str:
        """Return how the list is called: on its page, in the browser and on the way to a row."""
        return capfirst(str(self.list_name or self.model._meta.verbose_name_plural))

    def count_in_words(self, count: int) -> str:
        """Return a number of rows with the word for them."""
        return str(self.row_count % {"count": count, "n": grouped(count)})

    def name_of(self, row: Any) -> str:
        """Return how the page of `row` is called."""
        return str(row)

    def get_list_display(self, request: HttpRequest) -> Any:
        """Return the columns of the list."""
        every = super().get_list_display(request)
        return [shown_column(self.model, column) for column in every]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        context = {"title": self.name_of_list()} | (extra_context or {})
        return super().changelist_view(request, context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        row = context.get("original")
        if row is not None:
            context |= {"title": self.name_of(row), "subtitle": None}
        elif self.add_label:
            context |= {"title": self.add_label}
        return super().render_change_form(request, context, *args, **kwargs)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Show the history of a row, in the reader's language."""
        reply = super().history_view(request, object_id, extra_context)
        if isinstance(reply, TemplateResponse):
            audit.show_in_words((reply.context_data or {})["action_list"])
        return reply

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Return whether a filter of the list has the parameter `lookup`, and it is not repeated
        too often."""
        if len(request.GET.getlist(lookup)) > MOST_VALUES:
            return False
        return lookup in self.parameters(request)

    def parameters(self, request: HttpRequest | None) -> frozenset[str]:
        """Return the parameters of the filters, cached because some read the database for it."""
        filters: Sequence[Any] = tuple(self.get_list_filter(request))
        known: dict[Any, frozenset[str]] = self.__dict__.setdefault("_known_parameters", {})
        if filters not in known:
            known[filters] = frozenset(
                name for one in filters for name in self._parameters_of(one, request)
            )
        return known[filters]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Return the change list. Raises BadRequest for sorting by more columns than it shows."""
        if request.GET.get(ORDER_VAR, "").count(".") > MOST_SORTED_BY:
            raise BadRequest("A list has fewer columns to sort by.")
        found: type[ChangeList] = super().get_changelist(request, **kwargs)
        return found

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Search as Django does. A search that is too long finds nothing, with a message."""
        why = too_much(search_term)
        if not why:
            found: tuple[QuerySet[Any], bool] = super().get_search_results(
                request, queryset, search_term
            )
            return found
        # A list calls this more than once.
        if not request.__dict__.setdefault("_told_too_long", False):
            request.__dict__["_told_too_long"] = True
            messages.error(request, why, fail_silently=True)
        return queryset.none(), False

    def _parameters_of(self, one: Any, request: HttpRequest | None) -> Sequence[str]:
        """Return the parameter of a filter in `list_filter`."""
        if callable(one):
            return [one.parameter_name]
        path, made = one if isinstance(one, tuple | list) else (one, FieldListFilter.create)
        field = get_fields_from_path(self.model, path)[-1]
        shown = made(field, request, {}, self.model, self, field_path=path)
        expected: Sequence[str] = shown.expected_parameters()
        return expected
