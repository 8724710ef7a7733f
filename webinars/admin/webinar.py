"""The list of webinars and a webinar's page: how full, and who came."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList as DjangoChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action, display

from core.bounded_admin import BoundedAdmin
from core.changed_fields import SaveChangedFields
from core.list_filters import ChoiceFilter, DayRangeFilter
from core.numbers import whole_number
from core.panels_admin import PanelsAdmin
from platforms.records import SIMULATED_LIVE
from webinars.admin.webinar_list import (
    COLUMNS,
    SWITCHES,
    Tab,
    WebinarChangeList,
    WebinarColumns,
    open_tab,
    tab_links,
)
from webinars.analytics.overview import charts
from webinars.analytics.registration_pace import sources
from webinars.audiences import LABELS, Audience, counts_by_webinar
from webinars.models import Webinar
from webinars.panels import webinar_panels
from webinars.switches import set_switches


@admin.register(Webinar)
class WebinarAdmin(WebinarColumns, PanelsAdmin, SaveChangedFields, BoundedAdmin):
    list_display = COLUMNS[Tab.ALL]
    list_display_links = ("name",)
    actions = ("turn_on_sync", "turn_off_sync", "open_form", "close_form")
    list_filter = (
        ("starts_at", DayRangeFilter),
        ("state", ChoiceFilter),
        "sync_enabled",
        "form_enabled",
    )
    list_filter_submit = True
    list_fullwidth = True
    list_per_page = 50
    list_before_template = "webinars/list_actions.html"
    show_full_result_count = False
    search_fields = ("subject", "key")
    change_form_outer_before_template = "webinars/overview.html"
    readonly_fields = (
        "subject",
        "when",
        "type_in_words",
        "description",
        "state",
        "key",
        "registration_url",
    )
    fieldsets = (
        (
            _("Settings"),
            {"fields": (("sync_enabled", "form_enabled"), "auto_promote", "slug")},
        ),
        (
            _("GoToWebinar details"),
            {
                "fields": (
                    "subject",
                    ("when", "state"),
                    ("key", "type_in_words"),
                    "registration_url",
                    "description",
                )
            },
        ),
    )
    panels = webinar_panels

    class Media:
        js = (
            "webinarsync/progress.js",
            "webinarsync/switches.js",
            "webinarsync/local-time.js",
            "unfold/js/chart/chart.js",
            "webinarsync/charts.js",
        )

    # -- the list ------------------------------------------------------------------------------

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[DjangoChangeList]:
        super().get_changelist(request, **kwargs)
        return WebinarChangeList

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Return the columns of the open tab; the switches are last."""
        shown: list[Any] = super().get_list_display(request)
        further = [column for column in shown if column not in self.list_display]
        switches = SWITCHES if self.has_change_permission(request) else ()
        return [*COLUMNS[open_tab(request)], *further, *switches]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        context = {"tab_links": tab_links(request)} | (extra_context or {})
        return super().changelist_view(request, context)

    @action(description=_("Turn on sync"), permissions=["change"])
    def turn_on_sync(self, request: HttpRequest, queryset: QuerySet[Webinar]) -> None:
        self._switch(request, queryset, "sync_enabled", True)

    @action(description=_("Turn off sync"), permissions=["change"])
    def turn_off_sync(self, request: HttpRequest, queryset: QuerySet[Webinar]) -> None:
        self._switch(request, queryset, "sync_enabled", False)

    @action(description=_("Open the registration form"), permissions=["change"])
    def open_form(self, request: HttpRequest, queryset: QuerySet[Webinar]) -> None:
        self._switch(request, queryset, "form_enabled", True)

    @action(description=_("Close the registration form"), permissions=["change"])
    def close_form(self, request: HttpRequest, queryset: QuerySet[Webinar]) -> None:
        self._switch(request, queryset, "form_enabled", False)

    def _switch(
        self, request: HttpRequest, queryset: QuerySet[Webinar], name: str, on: bool
    ) -> None:
        changed, refused = set_switches(request, queryset, name, on)
        told = ngettext("%(count)d webinar changed.", "%(count)d webinars changed.", changed)
        self.message_user(request, told % {"count": changed}, messages.SUCCESS)
        for sentence in refused:
            self.message_user(request, sentence, messages.ERROR)

    @display(description=_("Type"))
    def type_in_words(self, webinar: Webinar) -> str:
        words: list[Any] = [_("On demand")] if webinar.on_demand else []
        if webinar.experience_type.upper() == SIMULATED_LIVE:
            words.append(_("Simulated live: a recording shown at a fixed time"))
        words += [webinar.recurrence_type or (not words and webinar.experience_type)]
        return " · ".join(str(word) for word in words if word) or "–"

    # -- the page ------------------------------------------------------------------------------

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        webinar: Any = Webinar.objects.filter(pk=whole_number(object_id) or 0).first()
        context = extra_context or {}
        if webinar is not None:
            webinar.counts = counted = counts_by_webinar([webinar])[webinar.pk]
            context |= webinar_panels.context(request, webinar) | {
                "webinar": webinar,
                "audiences": [(name, LABELS[name], counted[name]) for name in Audience],
                "charts": charts(webinar),
                "sessions": list(webinar.sessions.all()),
                "sources": sources(webinar),
            }
        return super().change_view(request, object_id, form_url, context)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Webinar | None = None) -> bool:
        return False
