"""The admin of registrations: read-only, with filters."""

from typing import Any

from django.contrib import admin
from django.contrib.admin import ModelAdmin as DjangoModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from core.list_filters import ChoiceFilter, PeopleChoiceFilter, PeopleDayRangeFilter
from core.people_filters import select_nobody
from core.read_only_admin import ReadOnlyAdmin
from webinars import statuses
from webinars.audiences import LABELS, Audience, condition
from webinars.models import Registration
from webinars.sent_values import in_words


class AudienceFilter(PeopleChoiceFilter):
    """Filter registrations by an audience (rule 8)."""

    title = _("audience")
    parameter_name = "audience"

    def lookups(self, request: HttpRequest, model_admin: DjangoModelAdmin) -> list[tuple[Any, Any]]:
        return [(audience.value, LABELS[audience]) for audience in Audience]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Registration]
    ) -> QuerySet[Registration]:
        if not self.value():
            return queryset
        if self.value() not in set(Audience):
            return select_nobody(request, queryset, self.title)
        return queryset.filter(condition(Audience(str(self.value()))))


@admin.register(Registration)
class RegistrationAdmin(ReadOnlyAdmin):
    list_display = (
        "contact",
        "webinar",
        "status",
        "internal",
        "source",
        "registered_at",
        "minutes",
        "cancelled_at",
    )
    phone_columns = ("contact", "webinar", "status", "minutes")
    list_select_related = ("contact", "webinar")
    list_filter = (
        ("webinar", AutocompleteSelectFilter),
        AudienceFilter,
        ("source", ChoiceFilter),
        ("registered_at", PeopleDayRangeFilter),
    )
    list_filter_submit = True
    search_fields = ("contact__email_key", "contact__first_name", "contact__last_name")
    exclude = ("state", "next_push_at", "rejected_fields")
    readonly_fields = ("status", "changed_values", "what_went_wrong")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Registration]:
        return statuses.with_status(super().get_queryset(request))

    @display(description=_("Status"), ordering="state")
    def status(self, registration: Registration) -> str:
        return statuses.badge(registration)

    @display(description=_("error"))
    def what_went_wrong(self, registration: Registration) -> str:
        return registration.problem

    @display(description=_("Internal"), ordering="is_internal", label=True)
    def internal(self, registration: Registration) -> str:
        return str(_("Internal")) if registration.is_internal else ""

    @display(description=_("Changed for GoToWebinar"))
    def changed_values(self, registration: Registration) -> str:
        return " · ".join(in_words(registration.sent_differently)) or "–"

    @display(description=_("Minutes"), ordering="seconds_attended")
    def minutes(self, registration: Registration) -> int | str:
        return registration.minutes_attended if registration.sessions_attended else "–"
