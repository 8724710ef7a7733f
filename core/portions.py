"""Deleting many rows so that no one waits for it: a portion at a time, each on its own."""

from typing import Any

from django.db.models import QuerySet

# Deleted within a millisecond or so, for which others who write may have to wait.
PORTION = 100


def delete_in_portions(rows: QuerySet[Any]) -> int:
    """Delete `rows` and return how many those were. What is deleted twice at once is no error."""
    deleted = 0
    model = rows.model._default_manager
    while pks := list(rows.order_by("pk").values_list("pk", flat=True)[:PORTION]):
        deleted += model.filter(pk__in=pks).delete()[0]
    return deleted
