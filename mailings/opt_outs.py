"""The unsubscribe link of an email: create, verify and follow it."""

from django.core import signing

from contacts import opt_outs
from contacts.models import Contact, OptOut
from contacts.tombstones import email_hash
from mailings.models import Recipient

_SALT = "mailings.unsubscribe"


def token_for(recipient: Recipient) -> str:
    """Return the token of an unsubscribe link: signed, and without the address in clear text."""
    return signing.dumps([email_hash(recipient.contact.email), recipient.pk], salt=_SALT)


def unsubscribe(token: str) -> bool:
    """Opt out the person of `token`; False if it is invalid."""
    try:
        hashed, recipient_pk = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        return False
    recipient = Recipient.objects.select_related("contact").filter(pk=recipient_pk).first()
    if recipient is None:
        opt_outs.opt_out_hash(hashed, OptOut.Source.LINK)
    else:
        opt_outs.opt_out_hash(
            hashed,
            OptOut.Source.LINK,
            contact=recipient.contact,
            email=_address(recipient.contact, hashed),
            mailing_id=recipient.mailing_id,
        )
    return True


def _address(contact: Contact, hashed: str) -> str:
    """Return the address that the email went to; the contact's present one if they removed it."""
    known = [contact.email, *contact.alternate_emails.values_list("email", flat=True)]
    return next((email for email in known if email_hash(email) == hashed), contact.email)


def is_ours(token: str) -> bool:
    """Return whether `token` is from an email of ours."""
    try:
        signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        return False
    return True
