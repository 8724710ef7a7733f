"""Filters of the list of contacts by webinars and audiences (rule 8)."""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from core.list_filters import PeopleChoiceFilter
from core.numbers import whole_number
from core.people_filters import select_nobody
from webinars.audiences import LABELS, Audience, condition, not_internal
from webinars.filters import contacts_in
from webinars.models import Registration, Webinar

# More choices would make the list unusable; older webinars are reached from their pages.
_MOST = 200


class _RegistrationFilter(PeopleChoiceFilter):
    """One of the two filters that refer to the same registration."""

    def expected_parameters(self) -> list[str | None]:
        """Return the parameters of both: neither filter is counted without the other."""
        return [WebinarFilter.parameter_name, AudienceFilter.parameter_name]

    def registrations(
        self, changelist: ChangeList, audience: Audience | None, webinar_id: int | None
    ) -> QuerySet[Registration]:
        """Return the registrations in `audience` (any) for a webinar (any), of contacts that match
        the other filters."""
        without = self.expected_parameters()
        people = changelist.get_queryset(self.request, exclude_parameters=without)
        found = Registration.objects.filter(
            not_internal() if audience is None else condition(audience),
            contact__in=people.order_by().values("pk"),
        )
        return found if webinar_id is None else found.filter(webinar=webinar_id)

    def get_facet_queryset(self, changelist: ChangeList) -> dict[str, int]:
        """Return how many people each choice would leave, by the name that the theme uses."""
        counted = self.counted(changelist)
        return {
            f"{place}__c": counted.get(value, 0)
            for place, (value, _label) in enumerate(self.lookup_choices)
        }

    def counted(self, changelist: ChangeList) -> dict[Any, int]:
        raise NotImplementedError


class WebinarFilter(_RegistrationFilter):
    """Filter by webinar; combined with the audience filter."""

    title = _("webinar")
    parameter_name = "webinar"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[Any, str]]:
        shown = Webinar.objects.filter(sync_enabled=True).only("pk", "subject", "starts_at")
        return [
            (webinar.pk, f"{webinar.subject} · {timezone.localtime(webinar.starts_at):%Y-%m-%d}")
            if webinar.starts_at
            else (webinar.pk, webinar.subject)
            for webinar in shown[:_MOST]
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Contact]) -> QuerySet[Contact]:
        # The audience filter applies both, because they refer to the same registration.
        if self.value() and whole_number(self.value()) is None:
            return select_nobody(request, queryset, self.title)
        if self.value() and not request.GET.get(AudienceFilter.parameter_name):
            return contacts_in(queryset, None, _webinar(request))
        return queryset

    def counted(self, changelist: ChangeList) -> dict[Any, int]:
        audience = _audience(self.request.GET.get(AudienceFilter.parameter_name))
        found = self.registrations(changelist, audience, None).order_by().values("webinar")
        counted = found.annotate(people=Count("contact", distinct=True))
        return dict(counted.values_list("webinar", "people"))


class AudienceFilter(_RegistrationFilter):
    """Filter by audience, of the selected webinar or of any."""

    title = _("audience")
    parameter_name = "audience"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[Any, Any]]:
        return [(audience.value, LABELS[audience]) for audience in Audience]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Contact]) -> QuerySet[Contact]:
        if not self.value():
            return queryset
        audience = _audience(self.value())
        if audience is None:
            return select_nobody(request, queryset, self.title)
        return contacts_in(queryset, audience, _webinar(request))

    def counted(self, changelist: ChangeList) -> dict[Any, int]:
        found = self.registrations(changelist, None, _webinar(self.request))
        counted: dict[Any, int] = found.aggregate(
            **{
                audience.name: Count("contact", filter=condition(audience), distinct=True)
                for audience in Audience
            }
        )
        return {audience.value: counted[audience.name] for audience in Audience}


def _audience(written: str | None) -> Audience | None:
    return Audience(written) if written in set(Audience) else None


def _webinar(request: HttpRequest) -> int | None:
    """Return the id of the selected webinar, None for any; 0, which does not exist, for an invalid
    id."""
    written = request.GET.get(WebinarFilter.parameter_name)
    return (whole_number(written) or 0) if written else None
