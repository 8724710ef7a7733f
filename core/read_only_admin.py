"""Admin pages of data that the platform or a sync writes, and no one edits."""

from typing import Any

from django.http import HttpRequest

from core.bounded_admin import BoundedAdmin


class ReadOnlyAdmin(BoundedAdmin):
    """Viewed by anyone with the permission to view the model; added, changed and deleted by no
    one."""

    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
