"""A ModelAdmin that shows what is registered for its model."""

import math
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from core.panels import Panels


class PanelsAdmin(ModelAdmin):  # type: ignore[misc]
    """Add the registered `panels` to the list and the pages."""

    panels: Panels

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        for column in self.panels.columns:
            rows = rows.annotate(**column.annotations())
        return rows

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        filters = self.panels.filters
        return [
            *(item.shown for item in filters.before()),
            *super().get_list_filter(request),
            *(item.shown for item in filters.after()),
        ]

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        own = super().get_list_display(request)
        return [*own, *(column.display for column in self.panels.columns)]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Return the actions: those of every list first, those of libraries last."""
        found: dict[str, Any] = super().get_actions(request)
        places: dict[str, float] = {name: -math.inf for name, _run in self.admin_site.actions}
        places |= {getattr(action, "__name__", action): 0 for action in self.actions or ()}
        for action in self.panels.actions:
            if request.user.has_perm(action.permission):
                found[action.name] = (action.run, action.name, action.label)
                places[action.name] = action.order
        return dict(sorted(found.items(), key=lambda item: places.get(item[0], math.inf)))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        for hook in self.panels.save_hooks:
            hook.run(request, obj, form.changed_data)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        links = [item for item in self.panels.list_links if item.is_for(request.user)]
        context = {"list_links": links} | (extra_context or {})
        return super().changelist_view(request, context)
