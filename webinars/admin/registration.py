"""The admin of registrations: read-only, with filters."""

from typing import Any

from django.contrib import admin
from django.contrib.admin import ModelAdmin as DjangoModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy, pgettext_lazy
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from core.list_filters import ChoiceFilter, PeopleChoiceFilter, PeopleDayRangeFilter
from core.people_filters import select_nobody
from core.read_only_admin import ReadOnlyAdmin
from core.record_pages import FOLDED, link_to, moment_or_dash, named_values
from webinars import statuses
from webinars.audiences import LABELS, Audience, condition
from webinars.models import Registration
from webinars.profile_differences import TAKEN, label
from webinars.sent_values import in_words
from webinars.submitted_values import further_values


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
    row_count = ngettext_lazy("%(n)s registration", "%(n)s registrations", "count")
    empty_text = _(
        "No registrations yet. They appear when people register in your form, on "
        "GoToWebinar, or by an import."
    )
    list_display = (
        "contact",
        "webinar",
        "status",
        "source",
        "registered_at",
        "minutes",
        "cancelled_on",
    )
    phone_columns = ("contact", "webinar", "status")
    list_select_related = ("contact", "webinar")
    list_filter = (
        ("webinar", AutocompleteSelectFilter),
        AudienceFilter,
        ("source", ChoiceFilter),
        ("registered_at", PeopleDayRangeFilter),
    )
    list_filter_submit = True
    search_fields = ("contact__email_key", "contact__first_name", "contact__last_name")
    ordering = ("-registered_at", "-id")
    fieldsets = (
        (None, {"fields": ("person", "of_webinar", "status", "came_by", "registered_at")}),
        (_("Attendance"), {"fields": ("minutes", "joined", "left")}),
        (_("Submitted data"), {"fields": ("entered", "changed_values")}),
        (_("Problems"), {"fields": ("what_went_wrong", "message", "cancelled")}),
        (
            _("Technical details"),
            {
                "classes": FOLDED,
                "fields": ("registrant_key", "join_url", "push_attempts", "sessions_attended"),
            },
        ),
    )
    readonly_fields = (
        "person", "of_webinar", "status", "came_by", "minutes", "joined", "left", "entered",
        "changed_values", "what_went_wrong", "message", "cancelled",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Registration]:
        return statuses.with_status(super().get_queryset(request))

    @display(description=_("Status"), ordering="state")
    def status(self, registration: Registration) -> SafeString:
        """Return the status, and whether the person is internal."""
        badge = statuses.badge(registration)
        if not registration.is_internal:
            return badge
        return format_html('{} <strong class="ws-badge ws-plain">{}</strong>', badge, _("Internal"))

    @display(description=_("Contact"))
    def person(self, registration: Registration) -> SafeString:
        contact = registration.contact
        return link_to(contact, "admin:contacts_contact_change", contact.pk)

    @display(description=_("Webinar"))
    def of_webinar(self, registration: Registration) -> SafeString:
        return link_to(
            registration.webinar, "admin:webinars_webinar_change", registration.webinar_id
        )

    @display(description=_("Source"))
    def came_by(self, registration: Registration) -> str:
        """Say by which way the registration came, and from where."""
        message = [registration.get_source_display(), registration.referral_source]
        return " · ".join(filter(None, message))

    @display(description=_("First joined"))
    def joined(self, registration: Registration) -> str:
        return moment_or_dash(registration.first_joined_at)

    @display(description=_("Last left"))
    def left(self, registration: Registration) -> str:
        return moment_or_dash(registration.last_left_at)

    @display(description=pgettext_lazy("one person", "Cancelled"), ordering="cancelled_at")
    def cancelled_on(self, registration: Registration) -> str:
        return moment_or_dash(registration.cancelled_at)

    @display(description=_("Cancelled on GoToWebinar"))
    def cancelled(self, registration: Registration) -> str:
        return moment_or_dash(registration.cancelled_at)

    @display(description=_("Entered"))
    def entered(self, registration: Registration) -> SafeString | str:
        """List what the person submitted, in words."""
        submitted = registration.submitted
        known = [(label(name), submitted[name]) for name in TAKEN if submitted.get(name)]
        return named_values([*known, *further_values(registration)])

    @display(description=_("Error"))
    def what_went_wrong(self, registration: Registration) -> str:
        return registration.problem or "–"

    @display(description=_("GoToWebinar's message"))
    def message(self, registration: Registration) -> str:
        return registration.platform_message or "–"

    @display(description=_("Changed for GoToWebinar"))
    def changed_values(self, registration: Registration) -> str:
        return " · ".join(in_words(registration.sent_differently)) or "–"

    @display(description=_("Minutes"), ordering="seconds_attended")
    def minutes(self, registration: Registration) -> int | str:
        """Return how long the person was there; a dash for who did not attend."""
        return registration.minutes_attended if registration.sessions_attended else "–"
