"""The only code that writes timelines. It also writes the outbox events about what it writes."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet

from contacts.events import ACTIVITY_RECORDED, ACTIVITY_WITHDRAWN, ActivityData
from contacts.models import Activity
from core import outbox

_BATCH = 500
_QUESTION = Activity.Kind.QUESTION


def record_activity(activity: Activity) -> None:
    """Write one timeline entry, once (`Activity.key`)."""
    record_activities([activity])


def record_activities(activities: Iterable[Activity], *, replace: bool = False) -> None:
    """Write timeline entries, each once. An existing entry is kept, or updated with `replace`."""
    lines = list(activities)
    for line in lines:
        line.is_unanswered = line.kind == _QUESTION and not line.data.get("answers")
    with transaction.atomic(savepoint=False):
        if replace:
            Activity.objects.bulk_create(
                lines,
                batch_size=_BATCH,
                update_conflicts=True,
                unique_fields=["contact", "key"],
                update_fields=["data", "happened_at", "is_unanswered"],
            )
        else:
            Activity.objects.bulk_create(lines, batch_size=_BATCH, ignore_conflicts=True)
        outbox.write_many(ACTIVITY_RECORDED, ((line.contact_id, _data(line)) for line in lines))


def withdraw_activities(activities: QuerySet[Activity]) -> None:
    """Delete timeline entries that turned out to be wrong."""
    with transaction.atomic(savepoint=False):
        if outbox.is_read(ACTIVITY_WITHDRAWN):
            lines = activities.order_by("pk").only(
                "contact_id", "kind", "key", "webinar_key", "happened_at"
            )
            outbox.write_many(
                ACTIVITY_WITHDRAWN, [(line.contact_id, _data(line)) for line in lines]
            )
        activities.delete()


def _data(line: Activity) -> ActivityData:
    return ActivityData(
        activity=str(line.kind),
        key=line.key,
        webinar=line.webinar_key,
        happened_at=line.happened_at.isoformat(),
    )
