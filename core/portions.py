"""Delete many rows in small transactions, so that no one waits long."""

from typing import Any

from django.db.models import QuerySet

# Deleted in about a millisecond, for which other writers may have to wait.
PORTION = 100


def delete_in_portions(rows: QuerySet[Any]) -> int:
    """Delete `rows` and return how many. Deleting the same rows twice at once is no error."""
    deleted = 0
    model = rows.model._default_manager
    while pks := list(rows.order_by("pk").values_list("pk", flat=True)[:PORTION]):
        deleted += model.filter(pk__in=pks).delete()[0]
    return deleted
