"""The table in which pages of our own list people: sorted by one column, a page at a time.

A table of people says which columns it has, and reads for the rows of a page at once what their
cells need. `contacts/people_table.html` shows it; on a phone each row is a card.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import django_tables2 as tables
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts import consents, tags, timeline
from contacts.models import Contact
from core import dates
from core.numbers import grouped

PAGE = 50
# The parameter of an address that says by which column a table is sorted.
SORT = "sort"
# So many people are sorted by what is counted of each.
MOST_COUNTED = 5_000


class PeopleColumn(tables.Column):
    """A column that sorts by `fields`; by none, it does not sort.

    `place` is where a phone's card shows the cell: "title", "line" or "fact"; "" leaves it out.
    """

    is_number = False
    largest_first = False
    # To sort by it, something is counted of everyone: it is offered for few people only.
    is_counted = False
    # What a phone cuts short is whole in its title.
    has_title = True

    def __init__(self, label: Any, *fields: str, place: str = "", **options: Any) -> None:
        options.setdefault("accessor", fields[0] if fields else None)
        super().__init__(
            verbose_name=label,
            orderable=bool(fields),
            initial_sort_descending=self.largest_first,
            attrs={"td": {"title": self.title}},
            **options,
        )
        self.fields = fields
        self.place = f"ws-card-{place}" if place else ""

    def title(self, value: Any = "", record: Any = None) -> str:
        """Return the text of a cell that a phone may cut short; "" of any other."""
        return strip_tags(str(value)) if self.place and self.has_title else ""

    def order(self, queryset: QuerySet[Any], is_descending: bool) -> tuple[QuerySet[Any], bool]:
        """Sort; equals keep one order, so that no one is met on two pages or on none."""
        way = "-" if is_descending else ""
        return queryset.order_by(*(f"{way}{field}" for field in self.fields), "-pk"), True


class NameColumn(PeopleColumn):
    """The name, which leads to the person's page. `path` is the way to the contact."""

    def __init__(self, path: str = "") -> None:
        last, first = f"{path}last_name", f"{path}first_name"
        super().__init__(_("Name"), last, first, place="title", empty_values=())

    def render(self, record: Any, table: "PeopleTable") -> SafeString:
        contact = table.contact_of(record)
        page = reverse("admin:contacts_contact_change", args=[contact.pk])
        return format_html('<a href="{}">{}</a>', page, contact)


class TickColumn(PeopleColumn):
    """Boxes to choose people by, under the name that the admin's lists have for them."""

    has_title = False

    def __init__(self) -> None:
        super().__init__("", accessor="pk", empty_values=())
        self.place = "action-checkbox"

    @property
    def header(self) -> SafeString:
        return format_html(
            '<label class="ws-tick ws-scripted">'
            '<input type="checkbox" data-ws-page aria-label="{}"></label>',
            _("Select all people on this page"),
        )

    def render(self, record: Any, table: "PeopleTable") -> SafeString:
        contact = table.contact_of(record)
        return format_html(
            '<label class="ws-tick">'
            '<input type="checkbox" name="{}" value="{}" aria-label="{}"></label>',
            ACTION_CHECKBOX_NAME,
            contact.pk,
            gettext("Select %(name)s") % {"name": contact},
        )


class NumberColumn(PeopleColumn):
    """A number, at the right; the largest first."""

    is_number = True
    largest_first = True
    has_title = False

    def render(self, value: int) -> str:
        return grouped(value)


class MomentColumn(PeopleColumn):
    """A date and time; the newest first."""

    largest_first = True
    has_title = False

    def render(self, value: Any) -> SafeString:
        return format_html('<span class="ws-nowrap">{}</span>', dates.moment(value))


class TagsColumn(PeopleColumn):
    """Tags, one after the other. `path` is the way to the contact."""

    def __init__(self, path: str = "") -> None:
        super().__init__(_("Tags"), accessor=f"{path}tags_cell")

    def render(self, value: list[str]) -> str:
        return ", ".join(value)


class DayColumn(PeopleColumn):
    """A day; the newest first."""

    largest_first = True
    has_title = False

    def render(self, value: Any) -> SafeString:
        return format_html('<span class="ws-nowrap">{}</span>', dates.day(value))


class TemplateColumn(PeopleColumn):
    """A column whose cells are made by a template, of `record`."""

    def __init__(self, label: Any, template: str, *fields: str, place: str = "") -> None:
        super().__init__(label, *fields, place=place, accessor="pk", empty_values=())
        self.template = template

    def render(self, record: Any, table: "PeopleTable") -> str:
        return render_to_string(self.template, {"request": table.request, "record": record})


class PeopleTable(tables.Table):
    """People in rows, one page of those in `people`, as the address of `request` sorts them.

    Without `ticks` there are no boxes to choose them by; `shown` are the columns beside the name.
    """

    tick = TickColumn()

    def __init__(
        self,
        people: QuerySet[Any],
        request: HttpRequest,
        *,
        ticks: bool,
        shown: Collection[str],
    ) -> None:
        always = {"tick", "name"} if ticks else {"name"}
        hidden = self.base_columns.keys() - always - set(shown)
        super().__init__(people, order_by=(), exclude=tuple(hidden), default="")
        self.request = request
        self.paginator = Paginator(self.rows, PAGE)
        count = self.paginator.count
        for column in self.columns:
            column.column.orderable = self._sorts(column.column, count)
        self.order_by = _written(request)
        self.page = self.paginator.get_page(request.GET.get("page"))
        rows: Any = self.page.object_list
        # What the rows of this page show; read once.
        self.records = list(rows.data)
        self.prepare(self.records)

    @classmethod
    def column_labels(cls) -> dict[str, Any]:
        """Return the columns that can be chosen, in their order, with their labels."""
        names = [name for name in cls.base_columns if name not in ("tick", "name")]
        return {name: cls.base_columns[name].verbose_name for name in names}

    @staticmethod
    def _sorts(column: Any, count: int) -> bool:
        return bool(column.orderable) and not (column.is_counted and count > MOST_COUNTED)

    @classmethod
    def in_order(cls, people: QuerySet[Any], request: HttpRequest) -> QuerySet[Any]:
        """Return all of `people` as the address of `request` sorts them, for a file of them."""
        written = _written(request)
        column = cls.base_columns.get(written.removeprefix("-"))
        if column is None or not cls._sorts(column, people.count() if column.is_counted else 0):
            return people
        found: QuerySet[Any] = column.order(people, written.startswith("-"))[0]
        return found

    @property
    def is_empty(self) -> bool:
        return not self.paginator.count

    def sort_choices(self) -> list[tuple[str, Any, bool]]:
        """Return what a select offers where headings are not shown: value, label, chosen."""
        now = ",".join(self.order_by or ())
        return [
            (value, f"{column.header} {arrow}", value == now)
            for column in self.columns
            if column.orderable
            for value, arrow in ((column.name, "↑"), (f"-{column.name}", "↓"))
        ]

    def contact_of(self, record: Any) -> Contact:
        """Return the person of a row."""
        raise NotImplementedError

    def prepare(self, records: Sequence[Any]) -> None:
        """Read what the cells of a page need, each table once, and not for columns left out."""
        contacts = [self.contact_of(record) for record in records]
        ids = [contact.pk for contact in contacts]
        read: dict[str, Callable[[Collection[int]], Mapping[int, Any]]] = {
            "tags": tags.names_of,
            "last_seen": timeline.last_seen,
            "marketing": consents.in_words,
        }
        for name in read.keys() & set(self.columns.names()):
            values = read[name](ids)
            for contact in contacts:
                vars(contact)[f"{name}_cell"] = values.get(contact.pk)


def _written(request: HttpRequest) -> str:
    """Return by what column the address asks to sort, "-" before it where descending: the first."""
    return request.GET.get(SORT, "").split(",")[0]
