"""The admin of sync runs: read-only, with filters."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from core.list_filters import ChoiceFilter, DayRangeFilter
from core.read_only_admin import ReadOnlyAdmin
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
    list_display = (
        "started_at",
        "what",
        "status",
        "trigger",
        "started_by",
        "took",
        "calls",
        "new_contacts",
        "new_registrations",
        "new_attendances",
        "new_activities",
        "unread",
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
    exclude = ("lease_until", "done", "total", "step")
    readonly_fields = ("what_went_wrong",)

    @display(description=_("What"))
    def what(self, run: SyncRun) -> str:
        return str(run.webinar) if run.webinar else str(_("The list of webinars"))

    @display(description=_("State"), ordering="state", label=_RUN_TONES)
    def status(self, run: SyncRun) -> tuple[str, str]:
        return run.state, run.get_state_display()

    @display(description=_("Could not be read"))
    def unread(self, run: SyncRun) -> str:
        return unread_rows(run)

    @display(description=_("error"))
    def what_went_wrong(self, run: SyncRun) -> str:
        return run.error

    @display(description=_("Duration"))
    def took(self, run: SyncRun) -> str:
        return f"{run.duration.total_seconds():.1f} s" if run.duration else "…"
