"""The list of webinars: its tabs, and their columns."""

from enum import StrEnum
from typing import Any

from django.db.models import Count, FloatField, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast, Coalesce, NullIf
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.decorators import display
from unfold.views import ChangeList

from core import dates
from core.numbers import grouped
from webinars.audiences import Audience, condition, counts_by_webinar
from webinars.models import Registration, Webinar
from webinars.models.conditions import IS_SCHEDULED, is_upcoming
from webinars.panels import webinar_panels
from webinars.phases import Phase, phase, when

PARAMETER = "show"


class Tab(StrEnum):
    """The tabs of the list, by their value in the query."""

    UPCOMING = "upcoming"
    PAST = "past"
    NOT_SYNCED = "not-synced"
    ALL = "all"

    @property
    def label(self) -> str:
        """The label."""
        return str(_LABELS[self])


_LABELS = {
    Tab.UPCOMING: _("Upcoming"),
    Tab.PAST: _("Past"),
    Tab.NOT_SYNCED: _("Not synced"),
    Tab.ALL: _("All"),
}
SWITCHES = ("sync_switch", "form_switch")
# What cannot be known yet, or no longer matters, has no column.
COLUMNS = {
    Tab.UPCOMING: ("name", "when", "registered", "seats", "waiting"),
    Tab.PAST: ("name", "when", "registered", "attended", "rate", "no_show"),
    Tab.NOT_SYNCED: ("name", "when"),
    Tab.ALL: ("name", "when", "registered", "attended", "rate", "waiting"),
}
_EMPTY = {
    Tab.UPCOMING: _("There are no upcoming webinars."),
    Tab.PAST: _("No webinar has ended yet."),
    Tab.NOT_SYNCED: _("Sync is on for every webinar."),
}
_NO_WEBINAR = _(
    "No webinars yet. Once GoToWebinar is connected, its list is read each hour, or now with the "
    "button above. Then turn on sync for the webinars that matter."
)


def condition_of(tab: Tab) -> Q:
    """Return the condition on webinars of `tab`."""
    upcoming = is_upcoming(timezone.now())
    return {
        Tab.UPCOMING: upcoming,
        Tab.PAST: ~upcoming,
        Tab.NOT_SYNCED: Q(IS_SCHEDULED, sync_enabled=False),
        Tab.ALL: Q(),
    }[tab]


def open_tab(request: HttpRequest) -> Tab:
    """Return the tab of the query. A search without one searches in all."""
    asked = request.GET.get(PARAMETER, "")
    if asked in set(Tab):
        return Tab(asked)
    return Tab.ALL if request.GET.get("q") else Tab.UPCOMING


def tab_links(request: HttpRequest) -> list[tuple[str, str, int, bool]]:
    """Return label, URL and number of webinars of each tab, and whether it is open."""
    here = open_tab(request)
    numbers = Webinar.objects.aggregate(
        **{tab.name: Count("pk", filter=condition_of(tab)) for tab in Tab if tab != Tab.ALL},
        ALL=Count("pk"),
    )
    return [(tab.label, f"?{PARAMETER}={tab.value}", numbers[tab.name], tab == here) for tab in Tab]


def _people(audience: Audience) -> Coalesce:
    """Return the number of people of a webinar in `audience`, for sorting."""
    rows = Registration.objects.filter(condition(audience), webinar=OuterRef("pk")).order_by()
    counted = rows.values("webinar").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


_REGISTERED, _ATTENDED = _people(Audience.REGISTERED), _people(Audience.ATTENDED)
_RATE = Cast(_ATTENDED, FloatField()) / NullIf(Cast(_REGISTERED, FloatField()), 0.0)


class WebinarChangeList(ChangeList):
    """Lists the webinars of a tab, and adds what their columns need in a few queries."""

    result_list: Any
    tab: Tab

    def get_filters_params(self, params: Any = None) -> Any:
        """Return the parameters of filters, without the tab."""
        found = super().get_filters_params(params)
        found.pop(PARAMETER, None)
        return found

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request, exclude_parameters)
        return rows.filter(condition_of(open_tab(request)))

    def get_ordering(self, request: HttpRequest, queryset: Any) -> list[Any]:
        """Return the default order: the next ones first, or the most recent ones."""
        if "o" not in self.params and open_tab(request) in {Tab.UPCOMING, Tab.NOT_SYNCED}:
            return list(queryset.by_next_date(timezone.now()).query.order_by)
        found: list[Any] = super().get_ordering(request, queryset)
        return found

    def get_ordering_field_columns(self) -> dict[Any, Any]:
        """Return the columns sorted by the user: by default none is marked."""
        found: dict[Any, Any] = super().get_ordering_field_columns() if "o" in self.params else {}
        return found

    @property
    def empty_text(self) -> str:
        """Return the text for an empty tab."""
        return str(_EMPTY.get(self.tab, "") if Webinar.objects.exists() else _NO_WEBINAR)

    # The rows are read here once and cached by the query set, with their additions.
    def get_results(self, request: HttpRequest) -> None:
        self.tab = open_tab(request)
        super().get_results(request)
        rows = list(self.result_list)
        counted = counts_by_webinar(rows)
        for webinar in rows:
            webinar.counts = counted[webinar.pk]
        for column in webinar_panels.columns:
            if column.prepare is not None:
                column.prepare(rows)


class WebinarColumns:
    """Mixin with the cells of the list."""

    @display(description=_("Webinar"), ordering="subject")
    def name(self, webinar: Webinar) -> SafeString:
        """Return the title, truncated if it does not fit."""
        return format_html('<span class="ws-cut" title="{0}">{0}</span>', webinar.subject)

    @display(description=_("Date"), ordering="starts_at")
    def when(self, webinar: Webinar) -> SafeString:
        """Return when it runs next in the reader's time zone, with its own in the tooltip; and its
        phase if that is not obvious from the date. Of one that is live the day is today."""
        now, shown = phase(webinar), when(webinar)
        if now == Phase.LIVE and timezone.localdate(shown["starts"]) == timezone.localdate():
            shown["shown"] = dates.clock(shown["starts"])
        badge = None if now in {Phase.SCHEDULED, Phase.ENDED} else now
        return render_to_string("webinars/when.html", shown | {"badge": badge})

    @display(description=_("Registered"), ordering=_REGISTERED)
    def registered(self, webinar: Any) -> SafeString:
        return _count(webinar, Audience.REGISTERED)

    @display(description=_("Attended"), ordering=_ATTENDED)
    def attended(self, webinar: Any) -> str | SafeString:
        if webinar.attendance_is_pending:
            return format_html('<span title="{}">…</span>', _("Attendance is still coming"))
        return _count(webinar, Audience.ATTENDED)

    @display(description=_("Rate"), ordering=_RATE)
    def rate(self, webinar: Any) -> str:
        registered = webinar.counts[Audience.REGISTERED]
        if not registered or not webinar.last_session_ended_at or webinar.attendance_is_pending:
            return "–"
        return f"{100 * webinar.counts[Audience.ATTENDED] / registered:.0f}%"

    @display(description=_("No-show"))
    def no_show(self, webinar: Any) -> SafeString:
        return _count(webinar, Audience.NO_SHOW)

    @display(description=_("Seats taken"))
    def seats(self, webinar: Webinar) -> str | SafeString:
        if webinar.registration_limit is None or webinar.registrant_count is None:
            return "–"
        taken = _("%(taken)s of %(limit)s") % {
            "taken": grouped(webinar.registrant_count),
            "limit": grouped(webinar.registration_limit),
        }
        shown = format_html('<span class="ws-nowrap">{}</span>', taken)
        if webinar.free_seats != 0:
            return shown
        return format_html('{} <strong class="ws-badge">{}</strong>', shown, _("Full"))

    @display(description=_("Waiting list"), ordering=_people(Audience.OVERFLOW))
    def waiting(self, webinar: Any) -> SafeString:
        return _count(webinar, Audience.OVERFLOW)

    @display(description=pgettext_lazy("switch", "Sync"), ordering="sync_enabled")
    def sync_switch(self, webinar: Webinar) -> SafeString:
        return _switch(webinar, "sync_enabled")

    @display(description=pgettext_lazy("switch", "Form"), ordering="form_enabled")
    def form_switch(self, webinar: Webinar) -> SafeString:
        return _switch(webinar, "form_enabled")


def _count(webinar: Any, audience: Audience) -> SafeString:
    """Return the number of people in `audience`, as a link if there are any."""
    number = webinar.counts[audience]
    if not number:
        return format_html('<span class="ws-zero">{}</span>', 0)
    address = reverse("webinars:audience", args=[webinar.pk, audience.value])
    return format_html('<a class="ws-figure-link" href="{}">{}</a>', address, grouped(number))


def _switch(webinar: Webinar, name: str) -> SafeString:
    """Return a switch that saves immediately, with or without a script."""
    field: Any = Webinar._meta.get_field(name)
    label = f"{field.verbose_name}: {webinar}"
    return render_to_string(
        "webinars/switch.html",
        {"webinar": webinar, "name": name, "on": getattr(webinar, name), "label": label},
    )
