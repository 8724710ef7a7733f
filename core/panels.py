"""Registries of what packages above add to the pages of packages below, which do not import them.

A package with such pages keeps a `Registry` of each kind. Packages above register in a file that is
discovered by its name, as `admin.py` is.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, Protocol, TypeVar

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse


class _Ordered(Protocol):
    """An item with a place; the page's own has the place 0."""

    @property
    def order(self) -> int: ...


Item = TypeVar("Item", bound=_Ordered)


class Registry(Generic[Item]):
    """Items in order of their place, then of their registration."""

    def __init__(self) -> None:
        self._items: list[Item] = []

    def register(self, item: Item) -> None:
        """Register `item`; once, even if an app is loaded again."""
        if item not in self._items:
            self._items.append(item)

    @contextmanager
    def register_temporarily(self, item: Item) -> Iterator[None]:
        """Register `item` while the block runs."""
        self._items.append(item)
        try:
            yield
        finally:
            self._items.remove(item)

    def __iter__(self) -> Iterator[Item]:
        return iter(sorted(self._items, key=lambda item: item.order))

    def before(self) -> list[Item]:
        """Return the items before the page's own."""
        return [item for item in self if item.order < 0]

    def after(self) -> list[Item]:
        """Return the items after the page's own."""
        return [item for item in self if item.order >= 0]


@dataclass(frozen=True, eq=False)
class Column:
    """A column of a list.

    `annotations` are added to the rows of the list, and `ordering` is what it is sorted by.
    `prepare` reads what the cells need for all rows of a page at once.
    """

    name: str
    label: Any
    cell: Callable[[Any], Any]
    order: int = 0
    prepare: Callable[[Sequence[Any]], None] | None = None
    annotations: Callable[[], Mapping[str, Any]] = dict
    ordering: str = ""

    @cached_property
    def display(self) -> Callable[[Any], Any]:
        """Return the column in the form that `list_display` needs."""

        def display(row: Any) -> Any:
            return self.cell(row)

        display.__name__ = self.name
        display.short_description = self.label  # type: ignore[attr-defined]
        if self.ordering:
            display.admin_order_field = self.ordering  # type: ignore[attr-defined]
        return display


@dataclass(frozen=True, eq=False)
class Filter:
    """A filter of a list whose values are codes, so they may be logged."""

    shown: type[SimpleListFilter]
    order: int = 0


@dataclass(frozen=True, eq=False)
class Action:
    """An action on selected rows of a list, for users with `permission`. `run` is called like an
    action of Django, with the admin of the model first. With a `page_label`, a row's own page gets
    a button that runs it on this row, with `icon`."""

    name: str
    label: Any
    permission: str
    run: Callable[[Any, HttpRequest, QuerySet[Any]], HttpResponse | None]
    order: int = 0
    page_label: Any = ""
    icon: str = ""


@dataclass(frozen=True, eq=False)
class Section:
    """A section of a row's page: a template and its context."""

    template: str
    context: Callable[[HttpRequest, Any], Mapping[str, Any]]
    order: int = 0


@dataclass(frozen=True, eq=False)
class Link:
    """A link to the URL name `to`, or a button that posts there, for users with all of
    `permissions`. It is shown for rows for which `applies` returns True."""

    label: Any
    to: str
    permissions: tuple[str, ...]
    order: int = 0
    posts: bool = False
    applies: Callable[[Any], bool] = lambda row: True

    def is_for(self, user: Any) -> bool:
        """Return whether `user` may follow it."""
        return bool(user.has_perms(self.permissions))

    def address(self, *args: object) -> str:
        """Return the URL for `args`."""
        return reverse(self.to, args=args)


@dataclass(frozen=True, eq=False)
class SaveHook:
    """A function called after a row was saved on its page or in the list, with the row and the
    names of the changed fields."""

    run: Callable[[HttpRequest, Any, Sequence[str]], None]
    order: int = 0


@dataclass(frozen=True, eq=False)
class Requirement:
    """A permission that a page requires in addition to its own."""

    permission: str
    order: int = 0


@dataclass(frozen=True)
class Panels:
    """The registries of the pages of one model."""

    columns: Registry[Column]
    filters: Registry[Filter]
    actions: Registry[Action]
    sections: Registry[Section]
    list_links: Registry[Link]
    save_hooks: Registry[SaveHook]

    @classmethod
    def empty(cls) -> "Panels":
        """Return empty registries."""
        return cls(Registry(), Registry(), Registry(), Registry(), Registry(), Registry())

    def context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """Return the contexts of the sections of the page of `row`, and which are before and after
        the page's own."""
        context: dict[str, Any] = {
            "sections_before": self.sections.before(),
            "sections_after": self.sections.after(),
        }
        for section in self.sections:
            context |= section.context(request, row)
        return context
