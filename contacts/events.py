"""The outbox events about people (core.outbox): their kinds and data.

Each event is about one contact: its subject is the contact's id. It says what happened and where,
without the values: readers read the present rows, which may have changed again or be gone. A reader
may get an event twice. When a person is deleted or erased, the data of their pending events is
emptied.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import TypedDict

from core import outbox

# A line of the timeline is new, or tells newer facts.
ACTIVITY_RECORDED = "activity.recorded"
# A line of the timeline was taken back: they attended after all, or did not.
ACTIVITY_WITHDRAWN = "activity.withdrawn"
# A registration is new, its state is another, or it was cancelled or taken up again.
REGISTRATION_CHANGED = "registration.changed"
# A registration that no one had sent is gone: the import that made it was undone.
REGISTRATION_DELETED = "registration.deleted"
# A person or a file has changed the contact.
CONTACT_CHANGED = "contact.changed"
# Two contacts were merged, or the merge was undone. Both get the event. Readers that store data
# about either read both again.
CONTACT_MERGED = "contact.merged"
CONTACT_UNMERGED = "contact.unmerged"
# A contact was deleted or erased. These events have no data.
CONTACT_DELETED = "contact.deleted"
CONTACT_ERASED = "contact.erased"

KINDS = frozenset(
    {
        ACTIVITY_RECORDED, ACTIVITY_WITHDRAWN, REGISTRATION_CHANGED, REGISTRATION_DELETED,
        CONTACT_CHANGED, CONTACT_MERGED, CONTACT_UNMERGED, CONTACT_DELETED, CONTACT_ERASED,
    }
)  # fmt: skip


class ActivityData(TypedDict):
    """A timeline entry, new or withdrawn: its kind (`Activity.Kind`), its key, which is unique for
    the contact, the key of the webinar ("" without one) and its time."""

    activity: str
    key: str
    webinar: str
    happened_at: str


class RegistrationData(TypedDict):
    """A registration: its id, the key of its webinar, its state (`Registration.State`) and whether
    it is gone from the platform."""

    registration: int
    webinar: str
    state: str
    cancelled: bool


class ContactChange(TypedDict):
    """The names of the changed properties (contacts.models), besides "tags", "marketing_consent"
    and "former_addresses", which are no columns."""

    fields: list[str]


class Merged(TypedDict):
    """The contact that stays, and the one that goes or is back."""

    survivor: int
    gone: int


def contacts_changed(changes: Iterable[tuple[int, Sequence[str]]]) -> None:
    """Write events about changed properties of contacts."""
    outbox.write_many(
        CONTACT_CHANGED,
        ((pk, ContactChange(fields=list(fields))) for pk, fields in changes if fields),
    )


def merged(survivor_id: int, gone_id: int) -> None:
    """Write events about a contact merged into another."""
    data = Merged(survivor=survivor_id, gone=gone_id)
    outbox.write_many(CONTACT_MERGED, [(gone_id, data), (survivor_id, data)])


def unmerged(survivor_id: int, back_id: int) -> None:
    """Write events about an undone merge."""
    data = Merged(survivor=survivor_id, gone=back_id)
    outbox.write_many(CONTACT_UNMERGED, [(survivor_id, data), (back_id, data)])


def deleted(contact_ids: Collection[int], *, permanent: bool = False) -> None:
    """Write events about deleted contacts."""
    kind = CONTACT_ERASED if permanent else CONTACT_DELETED
    outbox.write_many(kind, ((pk, {}) for pk in sorted(contact_ids)))
