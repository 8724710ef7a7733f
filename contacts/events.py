"""What the outbox tells of people (core.outbox): the kinds of events, and what each says.

Each is about one contact: its subject is their id, whatever became of them. It says that something
happened and where, and not what is there: a reader reads the present rows, which may have
changed again or be gone. A reader may hear of the same thing twice. Once a person was deleted or
erased, what was still to be told of them says nothing any more (`data` is empty).
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
# Two contacts became one, and were parted again; each of both is told of it. What belonged to one
# belongs to the other: whoever keeps something of either reads both again.
CONTACT_MERGED = "contact.merged"
CONTACT_UNMERGED = "contact.unmerged"
# A contact was deleted, or erased permanently. These say nothing more.
CONTACT_DELETED = "contact.deleted"
CONTACT_ERASED = "contact.erased"

KINDS = frozenset(
    {
        ACTIVITY_RECORDED, ACTIVITY_WITHDRAWN, REGISTRATION_CHANGED, REGISTRATION_DELETED,
        CONTACT_CHANGED, CONTACT_MERGED, CONTACT_UNMERGED, CONTACT_DELETED, CONTACT_ERASED,
    }
)  # fmt: skip


class ActivityData(TypedDict):
    """A line of the timeline, new or taken back: what it is (`Activity.Kind`), its key, which the
    contact has once, the key of the webinar ("" without one) and when that happened."""

    activity: str
    key: str
    webinar: str
    happened_at: str


class RegistrationData(TypedDict):
    """A registration: its id, the key of its webinar, its state (`Registration.State`) and whether
    the platform has lost it."""

    registration: int
    webinar: str
    state: str
    cancelled: bool


class ContactChange(TypedDict):
    """Which properties of the contact were changed, by their names in contacts.models; "tags",
    "marketing_consent" and "former_addresses" are no columns."""

    fields: list[str]


class Merged(TypedDict):
    """Who stayed, and who went (or is back)."""

    survivor: int
    gone: int


def contacts_changed(changes: Iterable[tuple[int, Sequence[str]]]) -> None:
    """Tell readers which properties of which contacts were changed."""
    outbox.write_many(
        CONTACT_CHANGED,
        ((pk, ContactChange(fields=list(fields))) for pk, fields in changes if fields),
    )


def merged(survivor_id: int, gone_id: int) -> None:
    """Tell readers that a contact went into another."""
    data = Merged(survivor=survivor_id, gone=gone_id)
    outbox.write_many(CONTACT_MERGED, [(gone_id, data), (survivor_id, data)])


def unmerged(survivor_id: int, back_id: int) -> None:
    """Tell readers that a contact is back out of another."""
    data = Merged(survivor=survivor_id, gone=back_id)
    outbox.write_many(CONTACT_UNMERGED, [(survivor_id, data), (back_id, data)])


def deleted(contact_ids: Collection[int], *, permanent: bool = False) -> None:
    """Tell readers that these contacts are gone."""
    kind = CONTACT_ERASED if permanent else CONTACT_DELETED
    outbox.write_many(kind, ((pk, {}) for pk in sorted(contact_ids)))
