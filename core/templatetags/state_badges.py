"""The state of a job, a file or a recipient as a badge, which looks the same in every table."""

from typing import Protocol

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

# By the state that a row stores; the tones are classes of admin.css.
TONES = {
    "reading": "info",
    "checking": "info",
    "importing": "info",
    "undoing": "info",
    "running": "info",
    "sending": "info",
    "uploaded": "waiting",
    "checked": "waiting",
    "waiting": "waiting",
    "done": "good",
    "sent": "good",
    "lost": "warning",
    "unknown": "warning",
    "failed": "bad",
    "skipped": "plain",
    "undone": "plain",
}


class HasState(Protocol):
    state: str

    def get_state_display(self) -> str: ...


@register.filter
def state_badge(row: HasState) -> SafeString:
    """Return the state of `row` as a badge. Raises KeyError for a state without a tone."""
    return format_html(
        '<span class="ws-status ws-{}">{}</span>', TONES[row.state], row.get_state_display()
    )
