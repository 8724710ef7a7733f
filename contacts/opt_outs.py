"""Opt-outs from marketing emails: saving and querying them (rule 11 of docs/concepts.md).

An opt-out counts for the person, by whichever of their addresses it was made, whatever becomes of
the address, and after a merge. Of a deleted person a keyed hash remains; someone who returns with
that address is still opted out.
"""

from collections.abc import Collection, Iterable

from django.db.models import Exists, OuterRef
from django.utils import timezone

from contacts.activities import record_activities
from contacts.matching import ids_by_email
from contacts.models import Activity, AlternateEmail, Contact, OptOut
from contacts.tombstones import email_hash, tombstones_of
from core.emails import email_key

Source = OptOut.Source
_BATCH = 500


def opt_out(address: str, source: Source) -> bool:
    """Save that the person at `address` opted out; return whether that was new."""
    return bool(opt_out_many([address], source))


def opt_out_many(addresses: Iterable[str], source: Source) -> int:
    """Save that the people at `addresses` opted out; return for how many that was new."""
    by_key = {email_key(address): address.strip() for address in addresses}
    ids, deleted = ids_by_email(by_key), tombstones_of(by_key)
    return _save(
        [
            OptOut(
                contact_id=ids.get(key),
                email="" if key in deleted and key not in ids else address,
                email_hash=email_hash(key),
                source=source,
                opted_out_at=timezone.now(),
            )
            for key, address in by_key.items()
        ]
    )


def opt_out_hash(
    hashed: str,
    source: Source,
    *,
    contact: Contact | None = None,
    email: str = "",
    mailing_id: int | None = None,
) -> bool:
    """Save an opt-out by the keyed hash of its address, and the contact if known; return whether it
    was new."""
    return bool(
        _save(
            [
                OptOut(
                    contact=contact,
                    email=email,
                    email_hash=hashed,
                    source=source,
                    opted_out_at=timezone.now(),
                    mailing_id=mailing_id,
                )
            ]
        )
    )


def _save(rows: list[OptOut]) -> int:
    """Save the opt-outs that are new, and add them to the timelines."""
    hashes = [row.email_hash for row in rows]
    known = set(OptOut.objects.filter(email_hash__in=hashes).values_list("email_hash", "source"))
    new = [row for row in rows if (row.email_hash, row.source) not in known]
    first = {row.contact_id: row for row in new if row.contact_id is not None}
    before = opted_out(first)
    OptOut.objects.bulk_create(new, ignore_conflicts=True)
    record_activities(
        Activity(
            contact_id=contact_id,
            key=f"unsubscribed:{row.opted_out_at.timestamp():.0f}",
            kind=Activity.Kind.UNSUBSCRIBED,
            happened_at=row.opted_out_at,
            data={"source": str(row.source)},
        )
        for contact_id, row in first.items()
        if contact_id not in before
    )
    return len(new)


def opted_out(contact_ids: Collection[int]) -> set[int]:
    """Return those of the contacts who opted out, by any of their addresses."""
    ids = sorted(set(contact_ids))
    found: set[int] = set()
    for start in range(0, len(ids), _BATCH):
        found |= _opted_out(ids[start : start + _BATCH])
    return found


def _opted_out(ids: Collection[int]) -> set[int]:
    found = set(OptOut.objects.filter(contact__in=ids).values_list("contact_id", flat=True))
    by_hash: dict[str, int] = {}
    for model, key in ((Contact, "pk"), (AlternateEmail, "contact_id")):
        rows = model._default_manager.filter(**{f"{key}__in": ids})
        by_hash |= {email_hash(address): pk for address, pk in rows.values_list("email_key", key)}
    hashes = OptOut.objects.filter(email_hash__in=by_hash)
    return found | {by_hash[hashed] for hashed in hashes.values_list("email_hash", flat=True)}


def opted_out_addresses(keys: Iterable[str]) -> set[str]:
    """Return those email keys that have an opt-out, whether there is a contact or not."""
    by_hash = {email_hash(key): key for key in keys}
    rows = OptOut.objects.filter(email_hash__in=by_hash)
    return {by_hash[hashed] for hashed in rows.values_list("email_hash", flat=True)}


def has_opted_out(contact: str = "pk") -> Exists:
    """Return the condition that a contact opted out; `contact` is the field with the contact's
    key."""
    return Exists(OptOut.objects.filter(contact=OuterRef(contact)))


def rejoin(addresses: Iterable[str]) -> None:
    """Attach the opt-outs of deleted people to new contacts with these addresses."""
    by_hash = {email_hash(address): address for address in addresses}
    rows = OptOut.objects.filter(contact=None, email_hash__in=by_hash)
    if not (found := list(rows)):
        return
    ids = ids_by_email([email_key(address) for address in by_hash.values()])
    for row in found:
        row.email = by_hash[row.email_hash]
        row.contact_id = ids.get(email_key(row.email))
    OptOut.objects.bulk_update(
        [row for row in found if row.contact_id is not None], ["contact", "email"]
    )
