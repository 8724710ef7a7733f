"""The admin of sync runs: read-only, with filters."""

from typing import Any

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, ngettext_lazy
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from core import dates
from core.list_filters import ChoiceFilter, DayRangeFilter
from core.numbers import grouped
from core.read_only_admin import ReadOnlyAdmin
from core.record_pages import FOLDED, link_to
from sync.models import SyncRun
from sync.status import unread_rows

_RUN_TONES = {
    SyncRun.State.DONE: "success",
    SyncRun.State.RUNNING: "info",
    SyncRun.State.LOST: "warning",
    SyncRun.State.FAILED: "danger",
}


@admin.register(SyncRun)
class SyncRunAdmin(ReadOnlyAdmin):
    empty_text = _("No sync has run yet. Turn on sync for a webinar to start the first one.")
    row_count = ngettext_lazy("%(n)s sync run", "%(n)s sync runs", "count")
    list_display = (
        "started_at",
        "what",
        "status",
        "begun_by",
        "took",
        "api_calls",
        "brought",
        "what_went_wrong",
    )
    list_display_links = ("what",)
    phone_columns = ("what", "started_at", "status", "took")
    list_select_related = ("webinar", "connection", "started_by")
    list_filter = (
        ("webinar", AutocompleteSelectFilter),
        ("state", ChoiceFilter),
        ("trigger", ChoiceFilter),
        ("started_at", DayRangeFilter),
    )
    list_filter_submit = True
    list_fullwidth = True
    fieldsets = (
        (None, {"fields": ("page_of_what", "state", "begun_by", "started_at", "took")}),
        (
            _("Changes"),
            {"fields": ("new_contacts", "new_registrations", "new_attendances", "new_activities")},
        ),
        (_("Problems"), {"fields": ("what_went_wrong", "message", "unread")}),
        (_("Technical details"), {"classes": FOLDED, "fields": ("account", "api_calls", "id")}),
    )
    readonly_fields = (
        "page_of_what", "begun_by", "took", "what_went_wrong", "message", "unread",
        "account", "api_calls", "id",
    )  # fmt: skip

    def name_of(self, row: SyncRun) -> str:
        return f"{self.what(row)} · {dates.moment(row.started_at)}"

    @display(description=_("What"))
    def what(self, run: SyncRun) -> str:
        return (str(run.webinar) or "–") if run.webinar else str(_("The list of webinars"))

    @display(description=_("What"))
    def page_of_what(self, run: SyncRun) -> SafeString | str:
        if run.webinar is None:
            return self.what(run)
        return link_to(self.what(run), "admin:webinars_webinar_change", run.webinar.pk)

    @display(description=_("Status"), ordering="state", label=_RUN_TONES)
    def status(self, run: SyncRun) -> tuple[str, str]:
        return run.state, run.get_state_display()

    @display(description=_("Started by"), ordering="trigger")
    def begun_by(self, run: SyncRun) -> str:
        """Say what started the run, and who. Their page is the operators'."""
        person = run.started_by
        name = (person.get_full_name() or person.get_username()) if person else ""
        return " · ".join(filter(None, [run.get_trigger_display(), name]))

    @display(description=_("Account"))
    def account(self, run: SyncRun) -> str:
        return str(run.connection)

    @display(description=_("API calls"), ordering="calls")
    def api_calls(self, run: SyncRun) -> str:
        return grouped(run.calls)

    @display(description=_("New"), ordering="new_activities")
    def brought(self, run: SyncRun) -> str:
        """Return the results of the run as text, without zeros."""
        counts: list[tuple[int, Any]] = [
            (run.new_contacts, ngettext("%(n)s contact", "%(n)s contacts", run.new_contacts)),
            (
                run.new_registrations,
                ngettext("%(n)s registration", "%(n)s registrations", run.new_registrations),
            ),
            (
                run.new_attendances,
                ngettext("%(n)s attendance", "%(n)s attendances", run.new_attendances),
            ),
            (run.new_activities, ngettext("%(n)s event", "%(n)s events", run.new_activities)),
        ]
        return ", ".join(text % {"n": grouped(n)} for n, text in counts if n) or "–"

    @display(description=_("Could not be read"))
    def unread(self, run: SyncRun) -> str:
        return unread_rows(run) or "–"

    @display(description=_("Error"))
    def what_went_wrong(self, run: SyncRun) -> str:
        return run.error or unread_rows(run) or "–"

    @display(description=_("GoToWebinar's message"))
    def message(self, run: SyncRun) -> str:
        return run.platform_message or "–"

    @display(description=_("Duration"))
    def took(self, run: SyncRun) -> str:
        return f"{run.duration.total_seconds():.1f} s" if run.duration else "…"
