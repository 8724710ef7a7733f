"""The list of webinars and a webinar's page: how full, who came, is it level?"""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList as DjangoChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import display
from unfold.views import ChangeList

from core.bounded_admin import BoundedAdmin
from core.changed_fields import ChangedFieldsForm, SaveChangedFields
from core.flash import tell_not_begun
from core.numbers import whole_number
from core.queue import when_committed
from registration_forms.embed import form_tools
from sync import status
from sync.queue import queue_form, queue_sync
from webinars.analytics.overview import charts
from webinars.analytics.registration_pace import sources
from webinars.audiences import LABELS, Audience, counts_by_webinar
from webinars.models import Webinar

# The audiences that tell how a webinar is doing at a glance; the rest is on its page.
_SHOWN = (Audience.REGISTERED, Audience.ATTENDED, Audience.NO_SHOW, Audience.OVERFLOW)


class WebinarChangeList(ChangeList):
    """Adds counts and last sync runs to the rows: four queries, however long the page."""

    result_list: Any

    # The rows are read here once and kept by the query set, with what is added to them.
    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows = list(self.result_list)
        counted, runs = counts_by_webinar(rows), status.latest_runs(rows)
        cut_off = status.cut_off()
        for webinar in rows:
            webinar.counts = counted[webinar.pk]
            webinar.health = status.health(webinar, runs.get(webinar.pk), cut_off=cut_off)


class SwitchesForm(ChangedFieldsForm):
    """The switches of a row, which a screen reader tells apart by their webinar."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = f"{field.label}: {self.instance}"


@admin.register(Webinar)
class WebinarAdmin(SaveChangedFields, BoundedAdmin):
    list_display = (
        "subject",
        "when",
        "audiences",
        "sync_health",
        "sync_enabled",
        "form_enabled",
        "form_link",
    )
    list_display_links = ("subject",)
    list_editable = ("sync_enabled", "form_enabled")
    list_filter = (
        ("starts_at", RangeDateFilter),
        ("state", ChoicesDropdownFilter),
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
            _("What you decide"),
            {"fields": (("sync_enabled", "form_enabled"), "promote_by_itself", "slug")},
        ),
        (
            _("What GoToWebinar says"),
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
    actions = ("sync_now",)

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
            '<span class="ws-own"><time datetime="{}" data-own-time>{}</time> {}</span>',
            own.isoformat(),
            date_format(own, "j M Y, H:i"),
            webinar.zone_name_at(own),
        )

    @display(description=_("Type"))
    def type_in_words(self, webinar: Webinar) -> str:
        words: list[Any] = [_("On demand")] if webinar.on_demand else []
        if webinar.experience_type.upper() == "SIMULIVE":
            words.append(_("Simulated live: a recording shown at a fixed time"))
        words += [webinar.recurrence_type or (not words and webinar.experience_type)]
        return " · ".join(str(word) for word in words if word) or "–"

    @display(description=_("People"))
    def audiences(self, webinar: Any) -> SafeString:
        links = (
            (
                reverse("webinars:audience", args=[webinar.pk, audience.value]),
                LABELS[audience],
                webinar.counts[audience],
            )
            for audience in _SHOWN
        )
        return format_html(
            '<dl class="ws-counts">{}</dl>{}',
            format_html_join("", '<div><dt><a href="{}">{}</a></dt><dd>{}</dd></div>', links),
            _("Attendance is still coming") if webinar.attendance_is_pending else "",
        )

    @display(description=_("How it stands"))
    def sync_health(self, webinar: Any) -> SafeString:
        return format_html(
            '<span class="ws-health ws-health-{}" data-webinar="{}" data-running="{}">{}</span>',
            webinar.health.tone,
            webinar.pk,
            "yes" if webinar.health.running else "no",
            webinar.health.text,
        )

    @display(description=_("Form"))
    def form_link(self, webinar: Webinar) -> str | SafeString:
        if not webinar.form_enabled:
            return "–"
        return format_html(
            '<a class="ws-link" href="{}">{}</a>', webinar.get_form_url(), _("Open the form")
        )

    @admin.action(description=_("Sync now"), permissions=["change"])
    def sync_now(self, request: HttpRequest, queryset: QuerySet[Webinar]) -> None:
        chosen = list(queryset.filter(sync_enabled=True))
        count = queue_sync(chosen, user_id=request.user.pk)
        off = queryset.filter(sync_enabled=False).count()
        if count:
            said = ngettext(
                "%(count)d webinar is being brought level; progress shows below.",
                "%(count)d webinars are being brought level; progress shows below.",
                count,
            )
            self.message_user(request, said % {"count": count}, messages.SUCCESS)
        if count < len(chosen):
            tell_not_begun(request)
        if off:
            said = ngettext(
                "%(count)d webinar was left out because its sync is off.",
                "%(count)d webinars were left out because their sync is off.",
                off,
            )
            self.message_user(request, said % {"count": off}, messages.WARNING)

    # -- the page ------------------------------------------------------------------------------

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        webinar = Webinar.objects.filter(pk=whole_number(object_id) or 0).first()
        context = extra_context or {}
        if webinar is not None:
            counted = counts_by_webinar([webinar])[webinar.pk]
            run = status.latest_runs([webinar]).get(webinar.pk)
            context |= {
                "webinar": webinar,
                "last_run": run,
                "health": status.health(webinar, run, cut_off=status.cut_off()),
                "audiences": [(name, LABELS[name], counted[name]) for name in Audience],
                "changed": status.changed(run),
                "how_often": status.how_often(webinar),
                "charts": charts(webinar),
                "sessions": list(webinar.sessions.all()),
                "sources": sources(webinar),
                "on_the_way": status.on_the_way(counted[Audience.PENDING]),
                **form_tools(request, webinar),
            }
        return super().change_view(request, object_id, form_url, context)

    def save_model(self, request: HttpRequest, obj: Webinar, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if obj.sync_enabled and "sync_enabled" in form.changed_data:
            # Rule 1, for the switch of the list as for that of the page.
            when_committed(lambda: queue_sync([obj], user_id=request.user.pk))
        if obj.form_enabled and obj.form_fields is None:
            # The form must know what GoTo asks before the first visitor comes.
            queue_form(obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Webinar | None = None) -> bool:
        return False
