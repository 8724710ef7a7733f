"""The audit log page: who changed what, and when."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from core.list_filters import ChoiceFilter, DayRangeFilter, RelatedFilter
from core.read_only_admin import ReadOnlyAdmin

_TONES = {"1": "success", "2": "info", "3": "danger"}


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnlyAdmin):
    list_display = ("action_time", "user", "action", "what", "object_repr", "change")
    list_display_links = None
    phone_columns = ("object_repr", "action_time", "user", "action")
    list_select_related = ("user", "content_type")
    list_filter = (
        ("action_time", DayRangeFilter),
        ("user", RelatedFilter),
        ("content_type", RelatedFilter),
        ("action_flag", ChoiceFilter),
    )
    list_filter_submit = True
    search_fields = ("object_repr",)
    ordering = ("-action_time",)

    @display(description=_("Did"), label=_TONES)
    def action(self, entry: LogEntry) -> tuple[str, str]:
        return str(entry.action_flag), entry.get_action_flag_display()

    @display(description=_("What"))
    def what(self, entry: LogEntry) -> str:
        return entry.content_type.name if entry.content_type else "–"

    @display(description=_("Change"))
    def change(self, entry: LogEntry) -> str:
        return entry.get_change_message() or "–"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("admin.view_logentry"))
