"""The audit log page: who changed what, and when."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from core import audit, dates
from core.audit import Action
from core.filter_forms import ChoiceForm
from core.list_filters import DayRangeFilter, RelatedFilter
from core.read_only_admin import ReadOnlyAdmin

_TONES = dict.fromkeys(Action, "info") | {
    Action.ADDED: "success",
    Action.DELETED: "danger",
    Action.EXPORTED: "warning",
    Action.SENT: "success",
}


class ActionFilter(DropdownFilter):
    """Entries by what was done."""

    title = _("action")
    parameter_name = "action_flag__exact"
    form_class = ChoiceForm

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        return [(str(action.value), action.label) for action in Action]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[LogEntry]
    ) -> QuerySet[LogEntry] | None:
        chosen = self.value()
        if not chosen:
            return queryset
        known = {str(action.value) for action in Action}
        return queryset.filter(action_flag=int(chosen)) if chosen in known else queryset.none()


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnlyAdmin):
    empty_text = _(
        "Nothing has been logged yet. Changes, exports, emails and deletions by your "
        "colleagues appear here."
    )
    list_name = _("Audit log")
    list_display = ("when", "who", "action", "what", "change")
    list_display_links = None
    phone_columns = ("what", "when", "who", "action")
    list_select_related = ("user", "content_type")
    list_filter = (
        ("action_time", DayRangeFilter),
        ("user", RelatedFilter),
        ("content_type", RelatedFilter),
        ActionFilter,
    )
    list_filter_submit = True
    search_fields = ("object_repr",)
    ordering = ("-action_time",)
    fieldsets = (
        (None, {"fields": ("exactly_when", "who", "done", "what", "sentence")}),
        (
            _("Technical details"),
            {"classes": ("collapse",), "fields": ("kind", "object_id", "filters")},
        ),
    )
    readonly_fields = ("exactly_when", "who", "done", "what", "sentence", "kind", "filters")

    def name_of(self, row: LogEntry) -> str:
        return f"{self.done(row)} · {audit.name_of(row)}"

    @display(description=_("When"), ordering="action_time")
    def when(self, entry: LogEntry) -> str:
        return dates.moment(entry.action_time)

    @display(description=_("When"))
    def exactly_when(self, entry: LogEntry) -> str:
        return dates.stamp(entry.action_time)

    @display(description=_("Who"), ordering="user__username")
    def who(self, entry: LogEntry) -> str:
        return entry.user.get_full_name() or entry.user.get_username()

    @display(description=_("Action"), ordering="action_flag", label=_TONES)
    def action(self, entry: LogEntry) -> tuple[Any, Any]:
        return entry.action_flag, self.done(entry)

    @display(description=_("Action"))
    def done(self, entry: LogEntry) -> str:
        known = entry.action_flag in set(Action)
        return str(Action(entry.action_flag).label) if known else "–"

    @display(description=_("What"), ordering="object_repr")
    def what(self, entry: LogEntry) -> str:
        """Return kind and name of the row; where it is all rows of a kind, their name."""
        kind = entry.content_type.name if entry.content_type and entry.object_id else ""
        name = audit.name_of(entry)
        return capfirst(f"{kind} · {name}" if kind else name)

    @display(description=_("Details"))
    def change(self, entry: LogEntry) -> SafeString | str:
        """Return the sentence, with what an export was filtered by folded below it."""
        sentence, filters = audit.in_words(entry)
        if not filters:
            return sentence or "–"
        return format_html(
            '{}<details class="ws-folded"><summary>{}</summary><code>{}</code></details>',
            sentence,
            _("Technical details"),
            filters,
        )

    @display(description=_("Details"))
    def sentence(self, entry: LogEntry) -> str:
        return audit.in_words(entry).sentence or "–"

    @display(description=_("Filters"))
    def filters(self, entry: LogEntry) -> str:
        return audit.in_words(entry).filters or "–"

    @display(description=_("Kind"))
    def kind(self, entry: LogEntry) -> str:
        return entry.content_type.app_labeled_name if entry.content_type else "–"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("admin.view_logentry"))
