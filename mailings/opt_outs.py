"""Unsubscribing, and asking who has."""

from collections.abc import Iterable

from django.core import signing
from django.utils import timezone

from contacts.deletion import email_hash
from contacts.models import Activity, FurtherEmail
from core.emails import email_key
from mailings.models import Recipient, Suppression

_SALT = "mailings.unsubscribe"


def token_for(recipient: Recipient) -> str:
    """Return what the unsubscribe link of a mail ends with: signed, and no address in clear."""
    return signing.dumps([email_hash(recipient.contact.email), recipient.pk], salt=_SALT)


def unsubscribe(token: str) -> bool:
    """Suppress whom `token` was made for; False where it is none of ours."""
    try:
        hashed, recipient_pk = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        return False
    _row, new = Suppression.objects.get_or_create(
        email_hash=hashed, defaults={"how": Suppression.How.LINK}
    )
    recipient = Recipient.objects.filter(pk=recipient_pk).first()
    if new and recipient is not None:
        now = timezone.now()
        Activity.objects.get_or_create(
            contact_id=recipient.contact_id,
            key=f"unsubscribed:{now.timestamp():.0f}",
            defaults={"kind": Activity.Kind.UNSUBSCRIBED, "happened_at": now},
        )
    return True


def is_ours(token: str) -> bool:
    """Tell whether `token` came from a mail of ours."""
    try:
        signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        return False
    return True


def suppressed(addresses: Iterable[str]) -> set[str]:
    """Return those of `addresses` that want no mails.

    Whoever unsubscribed with an address they had before two contacts were merged wants none
    either.
    """
    everybody = {email_key(address): address for address in addresses}
    hashes = {email_hash(key): address for key, address in everybody.items()}
    keys = list(everybody)
    for start in range(0, len(keys), 500):
        further = FurtherEmail.objects.filter(contact__email_key__in=keys[start : start + 500])
        for email, main in further.values_list("email", "contact__email_key"):
            hashes[email_hash(email)] = everybody[main]
    listed: set[str] = set()
    hashed = list(hashes)
    for start in range(0, len(hashed), 500):
        rows = Suppression.objects.filter(email_hash__in=hashed[start : start + 500])
        listed.update(rows.values_list("email_hash", flat=True))
    return {hashes[item] for item in listed}
