"""The list of webinars and a webinar's page: how full, and who came."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList as DjangoChangeList
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.views import ChangeList

from core.bounded_admin import BoundedAdmin
from core.changed_fields import ChangedFieldsForm, SaveChangedFields
from core.list_filters import ChoiceFilter, DayRangeFilter
from core.numbers import whole_number
from core.panels_admin import PanelsAdmin
from platforms.records import SIMULATED_LIVE
from webinars.analytics.overview import charts
from webinars.analytics.registration_pace import sources
from webinars.audiences import LABELS, Audience, counts_by_webinar
from webinars.models import Webinar
from webinars.panels import webinar_panels

# The audiences that tell how a webinar is doing at a glance; the rest is on its page.
_SHOWN = (Audience.REGISTERED, Audience.ATTENDED, Audience.NO_SHOW, Audience.OVERFLOW)


class WebinarChangeList(ChangeList):
    """Adds counts, and what columns need, to the rows: a few queries, however long the page."""

    result_list: Any

    # The rows are read here once and kept by the query set, with what is added to them.
    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows = list(self.result_list)
        counted = counts_by_webinar(rows)
        for webinar in rows:
            webinar.counts = counted[webinar.pk]
        for column in webinar_panels.columns:
            if column.prepare is not None:
                column.prepare(rows)


class SwitchesForm(ChangedFieldsForm):
    """The switches of a row, which a screen reader tells apart by their webinar."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = f"{field.label}: {self.instance}"


@admin.register(Webinar)
class WebinarAdmin(PanelsAdmin, SaveChangedFields, BoundedAdmin):
    list_display = (
        "subject",
        "when",
        "audiences",
        "sync_enabled",
        "form_enabled",
    )
    list_display_links = ("subject",)
    phone_columns = ("subject", "when", "audiences", "sync_health")
    list_editable = ("sync_enabled", "form_enabled")
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
            "webinarsync/local-time.js",
            "unfold/js/chart/chart.js",
            "webinarsync/charts.js",
        )

    # -- the list ------------------------------------------------------------------------------

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[DjangoChangeList]:
        super().get_changelist(request, **kwargs)
        return WebinarChangeList

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> Any:
        return SwitchesForm

    @display(description=_("When"), ordering="starts_at")
    def when(self, webinar: Webinar) -> str | SafeString:
        """Return the start on the webinar's own clock; the page adds the reader's."""
        if webinar.starts_at is None:
            return "–"
        own = webinar.starts_at.astimezone(webinar.zone)
        return format_html(
            '<span class="ws-own"><time datetime="{}" data-own-time>{}</time>'
            " <span>{}</span></span>",
            own.isoformat(),
            date_format(own, "j M Y, H:i"),
            webinar.zone_name_at(own),
        )

    @display(description=_("Type"))
    def type_in_words(self, webinar: Webinar) -> str:
        words: list[Any] = [_("On demand")] if webinar.on_demand else []
        if webinar.experience_type.upper() == SIMULATED_LIVE:
            words.append(_("Simulated live: a recording shown at a fixed time"))
        words += [webinar.recurrence_type or (not words and webinar.experience_type)]
        return " · ".join(str(word) for word in words if word) or "–"

    @display(description=_("People"))
    def audiences(self, webinar: Any) -> SafeString:
        links = (
            (
                "" if webinar.counts[audience] else "ws-none",
                reverse("webinars:audience", args=[webinar.pk, audience.value]),
                LABELS[audience],
                webinar.counts[audience],
            )
            for audience in _SHOWN
        )
        count = '<div class="{}"><dt><a href="{}">{}</a></dt><dd>{}</dd></div>'
        coming = _("Attendance is still coming") if webinar.attendance_is_pending else ""
        return format_html(
            '<dl class="ws-counts">{}</dl>{}',
            format_html_join("", count, links),
            format_html("<span>{}</span>", coming) if coming else "",
        )

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
