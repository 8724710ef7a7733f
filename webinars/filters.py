"""Filters of audiences. Only `webinars.audiences` decides who belongs to one."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from core.bounded_filters import (
    FromDayFilter,
    SearchFilter,
    TextFilter,
    UntilDayFilter,
    WholeNumberFilter,
)
from core.people_filters import PeopleFilter
from webinars.audiences import Audience, condition, not_internal
from webinars.models import Registration

# No one attends longer.
_MOST_MINUTES = 1_000_000


class MinutesFilter(WholeNumberFilter):
    """A number of minutes of attendance."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=_MOST_MINUTES, **kwargs)


def contacts_in(
    contacts: QuerySet[Contact], audience: Audience | None, webinar_id: int | None
) -> QuerySet[Contact]:
    """Return those of `contacts` with a registration in `audience` (any), for a webinar (any)."""
    wanted = not_internal() if audience is None else condition(audience)
    registrations = Registration.objects.filter(wanted, contact=OuterRef("pk"))
    if webinar_id is not None:
        registrations = registrations.filter(webinar=webinar_id)
    return contacts.filter(Exists(registrations))


class AudienceFilter(PeopleFilter):
    """Filter people of one audience of a webinar by their properties and attendance."""

    name = SearchFilter(label=_("Name or email"), method="by_name")
    organization = TextFilter(
        label=_("Organization"), field_name="contact__organization", lookup_expr="icontains"
    )
    country = TextFilter(label=_("Country"), field_name="contact__country", lookup_expr="icontains")
    since = FromDayFilter(label=_("Registered from"), field_name="registered_at")
    until = UntilDayFilter(label=_("Registered until"), field_name="registered_at")
    at_least = MinutesFilter(label=_("Minutes attended, at least"), method="by_at_least")
    at_most = MinutesFilter(label=_("Minutes attended, at most"), method="by_at_most")

    class Meta:
        model = Registration
        fields: list[str] = []

    def by_name(
        self, people: QuerySet[Registration], name: str, value: str
    ) -> QuerySet[Registration]:
        for word in value.split():
            people = people.filter(
                Q(contact__first_name__icontains=word)
                | Q(contact__last_name__icontains=word)
                | Q(contact__email__icontains=word)
            )
        return people

    def by_at_least(
        self, people: QuerySet[Registration], name: str, value: Any
    ) -> QuerySet[Registration]:
        return people.filter(seconds_attended__gte=value * 60)

    def by_at_most(
        self, people: QuerySet[Registration], name: str, value: Any
    ) -> QuerySet[Registration]:
        return people.filter(seconds_attended__lte=value * 60)
