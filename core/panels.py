"""What packages above show on the pages of one below, and do there.

Each registers it, and the one below imports none of them.

A package that has such pages keeps a `Registry` of each kind. Those above fill them in a file that
is found by its name, as `admin.py` is.
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
    """Anything with a place among others; what is the page's own has the place 0."""

    @property
    def order(self) -> int: ...


Item = TypeVar("Item", bound=_Ordered)


class Registry(Generic[Item]):
    """Things in their order; those of the same place in that of their registration."""

    def __init__(self) -> None:
        self._items: list[Item] = []

    def register(self, item: Item) -> None:
        """Have `item` shown, or done, from now on; once, also where an app is made ready again."""
        if item not in self._items:
            self._items.append(item)

    @contextmanager
    def register_temporarily(self, item: Item) -> Iterator[None]:
        """Have `item` shown, or done, as long as the block runs."""
        self._items.append(item)
        try:
            yield
        finally:
            self._items.remove(item)

    def __iter__(self) -> Iterator[Item]:
        return iter(sorted(self._items, key=lambda item: item.order))

    def before(self) -> list[Item]:
        """Return what is before the page's own."""
        return [item for item in self if item.order < 0]

    def after(self) -> list[Item]:
        """Return what is after the page's own."""
        return [item for item in self if item.order >= 0]


@dataclass(frozen=True, eq=False)
class Column:
    """A column of a list: what a row's cell shows.

    `annotations` are added to the rows of the list, and `ordering` is by what it is sorted.
    `prepare` reads for all rows of a page at once what their cells need.
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
        """The column as `list_display` takes it."""

        def display(row: Any) -> Any:
            return self.cell(row)

        display.__name__ = self.name
        display.short_description = self.label  # type: ignore[attr-defined]
        if self.ordering:
            display.admin_order_field = self.ordering  # type: ignore[attr-defined]
        return display


@dataclass(frozen=True, eq=False)
class Filter:
    """A filter of a list, whose values are codes: they may be written down."""

    shown: type[SimpleListFilter]
    order: int = 0


@dataclass(frozen=True, eq=False)
class Action:
    """What can be done to chosen rows of a list, by whom has `permission`. `run` is called as
    Django calls an action, with the admin of the model first. With a `page_label`, a row's own page
    has a button that does it to this row; `icon` is that of the button."""

    name: str
    label: Any
    permission: str
    run: Callable[[Any, HttpRequest, QuerySet[Any]], HttpResponse | None]
    order: int = 0
    page_label: Any = ""
    icon: str = ""


@dataclass(frozen=True, eq=False)
class Section:
    """A part of a row's page: a template, and what it shows of the row."""

    template: str
    context: Callable[[HttpRequest, Any], Mapping[str, Any]]
    order: int = 0


@dataclass(frozen=True, eq=False)
class Link:
    """A link to the page with the URL name `to`, or a button that posts there, for whom has all of
    `permissions`. Of rows it is at those of which `applies` is true."""

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
        """Return the address of the page of what `args` name."""
        return reverse(self.to, args=args)


@dataclass(frozen=True, eq=False)
class SaveHook:
    """What is done once a row was saved on its page or in the list: the row, and the names of the
    fields that were changed."""

    run: Callable[[HttpRequest, Any, Sequence[str]], None]
    order: int = 0


@dataclass(frozen=True, eq=False)
class Requirement:
    """A permission that a page asks for beside its own."""

    permission: str
    order: int = 0


@dataclass(frozen=True)
class Panels:
    """What is registered for the pages of one model."""

    columns: Registry[Column]
    filters: Registry[Filter]
    actions: Registry[Action]
    sections: Registry[Section]
    list_links: Registry[Link]
    save_hooks: Registry[SaveHook]

    @classmethod
    def empty(cls) -> "Panels":
        """Return panels of which none is registered."""
        return cls(Registry(), Registry(), Registry(), Registry(), Registry(), Registry())

    def context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """Return what the sections of the page of `row` show, and which are before and after the
        page's own."""
        context: dict[str, Any] = {
            "sections_before": self.sections.before(),
            "sections_after": self.sections.after(),
        }
        for section in self.sections:
            context |= section.context(request, row)
        return context
