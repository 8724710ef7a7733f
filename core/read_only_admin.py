"""Pages that show what the platform or a sync wrote, and that no one changes by hand."""

from typing import Any

from django.http import HttpRequest

from core.bounded_admin import BoundedAdmin


class ReadOnlyAdmin(BoundedAdmin):
    """Seen by whoever may view the model; added to, changed and deleted by no one."""

    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
