"""The history of changes by people, for what is not changed on the admin's own pages."""

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model


def note(user_id: int | None, row: Model, sentence: str) -> None:
    """Write down that a person did to `row` what `sentence` says; nothing where nobody did."""
    if user_id is None:
        return
    LogEntry.objects.create(
        user_id=user_id,
        content_type=ContentType.objects.get_for_model(row),
        object_id=str(row.pk),
        object_repr=str(row)[:200],
        action_flag=CHANGE,
        change_message=sentence,
    )
