"""The table of the contacts found: who they are, and what they did in all webinars."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contacts.list_settings import ListSettings
from contacts.models import Contact, ListName
from contacts.people_table import (
    DayColumn,
    NameColumn,
    NumberColumn,
    PeopleColumn,
    PeopleTable,
    TagsColumn,
)
from segments.export import sums
from webinars.audiences import Audience, condition
from webinars.models import Registration

# Columns with counts over all webinars.
_SUMMED = {"registered", "attended", "minutes"}


class _SummedColumn(NumberColumn):
    """What someone did in all webinars in `audience`, as `summed` counts it for sorting; the cells
    have it from `prepare`."""

    is_counted = True

    def __init__(self, label: Any, audience: Audience, summed: Any, accessor: str) -> None:
        super().__init__(label, "pk", accessor=f"sums__{accessor}")
        self._audience, self._summed = audience, summed

    def order(self, queryset: QuerySet[Any], is_descending: bool) -> tuple[QuerySet[Any], bool]:
        rows = Registration.objects.filter(condition(self._audience), contact=OuterRef("pk"))
        summed = rows.order_by().values("contact").annotate(n=self._summed).values("n")
        sorted_by = Coalesce(Subquery(summed, output_field=IntegerField()), 0)
        way = "-" if is_descending else ""
        return queryset.alias(sorted_by=sorted_by).order_by(f"{way}sorted_by", "-pk"), True


class FoundTable(PeopleTable):
    """Contacts."""

    name = NameColumn()
    email = PeopleColumn(_("Email"), "email", place="line")
    organization = PeopleColumn(_("Organization"), "organization", place="fact")
    country = PeopleColumn(_("Country"), "country", place="fact")
    registered = _SummedColumn(
        pgettext_lazy("webinars of one person", "Registered"),
        Audience.REGISTERED,
        Count("pk"),
        "registered",
    )
    attended = _SummedColumn(
        pgettext_lazy("webinars of one person", "Attended"),
        Audience.ATTENDED,
        Count("pk"),
        "attended",
    )
    minutes = _SummedColumn(_("Minutes"), Audience.ATTENDED, Sum("seconds_attended"), "minutes")
    last_seen = DayColumn(_("Last seen"), accessor="last_seen_cell")
    marketing = PeopleColumn(_("Marketing"), accessor="marketing_cell")
    created = DayColumn(_("Created"), "created_at")
    job_title = PeopleColumn(_("Job title"), "job_title")
    phone = PeopleColumn(_("Phone"), "phone")
    city = PeopleColumn(_("City"), "city")
    source = PeopleColumn(_("Source"), "source")
    tags = TagsColumn()

    def contact_of(self, record: Any) -> Contact:
        contact: Contact = record
        return contact

    def prepare(self, records: Sequence[Any]) -> None:
        super().prepare(records)
        if _SUMMED & set(self.columns.names()):
            summed = sums([contact.pk for contact in records])
            for contact in records:
                vars(contact)["sums"] = summed[contact.pk]


FOUND_LIST = ListSettings(
    ListName.FOUND,
    FoundTable.column_labels(),
    usual=("email", "organization", *_SUMMED, "last_seen", "marketing"),
    # They are segments.
    has_views=False,
)
