"""The list of webinars, the report of each, and its settings."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList as DjangoChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, ngettext_lazy
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
from webinars.analytics.funnel import funnels, stays_by_webinar
from webinars.analytics.key_figures import key_figures
from webinars.analytics.registration_pace import sources
from webinars.analytics.report import charts
from webinars.audiences import counts_by_webinar
from webinars.models import Webinar
from webinars.panels import webinar_panels
from webinars.switches import set_switches

# The labels of the platform's types; unknown ones are shown as they are.
_KINDS = {
    "single_session": _("Single session"),
    "series": _("Series: people register for one date"),
    "sequence": _("Sequence: people register for all dates"),
    "classic": _("Single session"),
}


def _switch_action(description: Any, name: str, *, on: bool) -> Any:
    """Return the action that turns the switch `name` of the selected webinars on or off."""

    @action(description=description, permissions=["change"])
    def switch(
        admin_page: "WebinarAdmin", request: HttpRequest, queryset: QuerySet[Webinar]
    ) -> None:
        changed, refused = set_switches(request, queryset, name, on)
        message = ngettext("%(count)d webinar changed.", "%(count)d webinars changed.", changed)
        admin_page.message_user(request, message % {"count": changed}, messages.SUCCESS)
        for sentence in refused:
            admin_page.message_user(request, sentence, messages.ERROR)

    return switch


@admin.register(Webinar)
class WebinarAdmin(WebinarColumns, PanelsAdmin, SaveChangedFields, BoundedAdmin):
    row_count = ngettext_lazy("%(n)s webinar", "%(n)s webinars", "count")
    list_display = COLUMNS[Tab.ALL]
    list_display_links = ("name",)
    phone_columns = ("name", "when", "registered")
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
    change_form_outer_before_template = "webinars/settings_header.html"
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
        js = ("webinarsync/progress.js", "webinarsync/switches.js")

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

    turn_on_sync = _switch_action(_("Turn on sync"), "sync_enabled", on=True)
    turn_off_sync = _switch_action(_("Turn off sync"), "sync_enabled", on=False)
    open_form = _switch_action(_("Open the registration form"), "form_enabled", on=True)
    close_form = _switch_action(_("Close the registration form"), "form_enabled", on=False)

    @display(description=_("Type"))
    def type_in_words(self, webinar: Webinar) -> str:
        words: list[Any] = [_("On demand")] if webinar.on_demand else []
        if webinar.experience_type.upper() == SIMULATED_LIVE:
            words.append(_("Simulated live: a recording shown at a fixed time"))
        kind = webinar.recurrence_type or ("" if words else webinar.experience_type)
        words += [_KINDS.get(kind.lower(), kind)]
        return " · ".join(str(word) for word in words if word) or "–"

    # -- the page ------------------------------------------------------------------------------

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the report of a webinar; its settings if the query asks for them, and submitted
        values are saved to them."""
        webinar: Any = Webinar.objects.filter(pk=whole_number(object_id) or 0).first()
        is_report = request.method != "POST" and "settings" not in request.GET
        if webinar is None or not is_report or not self.has_view_permission(request, webinar):
            context = {"webinar": webinar} | (extra_context or {})
            return super().change_view(request, object_id, form_url, context)
        webinar.counts = counted = counts_by_webinar([webinar])[webinar.pk]
        stays = stays_by_webinar([webinar])
        funnel = funnels([webinar], stays)[webinar.pk]
        context = self.admin_site.each_context(request) | {
            "title": webinar.subject,
            "webinar": webinar,
            "figures": list(key_figures(webinar, counted, funnel)),
            "charts": charts(webinar, funnel, stays),
            "sessions": list(webinar.sessions.all()),
            "sources": sources(webinar),
        }
        context |= webinar_panels.context(request, webinar) | (extra_context or {})
        return TemplateResponse(request, "webinars/report.html", context)

    def response_change(self, request: HttpRequest, obj: Webinar) -> HttpResponse:
        """Show the settings again after saving."""
        super().response_change(request, obj)
        return redirect(f"{request.path}?settings=1")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Webinar | None = None) -> bool:
        return False
