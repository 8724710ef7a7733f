"""Write outbox events about registrations (contacts.events)."""

from django.db.models import QuerySet

from contacts.events import REGISTRATION_CHANGED, REGISTRATION_DELETED, RegistrationData
from core import outbox
from webinars.models import Registration

# The columns whose changes are written as events.
STATE_FIELDS = frozenset({"state", "cancelled_at"})


def registrations_changed(rows: QuerySet[Registration]) -> None:
    """Write events about changed `rows`; call it after the change, in one transaction."""
    _write_events(REGISTRATION_CHANGED, rows)


def registrations_deleted(rows: QuerySet[Registration]) -> None:
    """Write events about `rows` to be deleted; call it before, in one transaction."""
    _write_events(REGISTRATION_DELETED, rows)


def _write_events(kind: str, rows: QuerySet[Registration]) -> None:
    if not outbox.is_read(kind):
        return
    found = rows.order_by("pk").values_list(
        "contact_id", "pk", "webinar__key", "state", "cancelled_at"
    )
    outbox.write_many(
        kind,
        [
            (
                contact_id,
                RegistrationData(
                    registration=pk, webinar=key, state=state, cancelled=cancelled_at is not None
                ),
            )
            for contact_id, pk, key, state, cancelled_at in found
        ],
    )
