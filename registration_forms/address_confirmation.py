"""Links that confirm an email address, for people who are held up at the form by a limit.

Anyone can post anyone's address, and an office may share one network. Anyone who opens the link
registers at once, whatever others have posted. A link is valid for one posting within an hour, and
few are sent, so that no mailbox is filled by them.
"""

import datetime as dt
import logging

from django.conf import settings
from django.core.mail import send_mail
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from contacts.tombstones import email_hash
from core.emails import ascii_address
from core.queue import enqueue
from core.typed_text import unlinked
from registration_forms.links import form_link
from registration_forms.models import AddressConfirmation
from webinars.models import Webinar

logger = logging.getLogger(__name__)
VALID_FOR = dt.timedelta(hours=1)
# How many emails are sent within VALID_FOR: to one address, from one network, and in total.
PER_ADDRESS, PER_NETWORK, IN_ALL = 3, 20, 200


def request_link(webinar: Webinar, email: str, sender: str) -> bool:
    """Queue a link to `email`; False if none is sent, because there is no mail server or too many
    were requested."""
    if not settings.MAIL_READY:
        return False
    recent = AddressConfirmation.objects.filter(requested_at__gt=timezone.now() - VALID_FOR)
    hashed = email_hash(email)
    if recent.filter(email_hash=hashed).count() >= PER_ADDRESS:
        return False
    if recent.filter(sender=sender).count() >= PER_NETWORK or recent.count() >= IN_ALL:
        return False
    AddressConfirmation.objects.create(
        webinar=webinar,
        email=email,
        email_hash=hashed,
        sender=sender,
        language=translation.get_language() or settings.LANGUAGE_CODE,
    )
    enqueue("registration_forms.tasks.send_confirmation_links")
    return True


def is_confirmed(secret: str | None, email: str) -> bool:
    """Return whether `secret` is from a link that was sent to `email`, and use it up."""
    if not secret:
        return False
    rows = AddressConfirmation.objects.filter(
        secret=secret,
        email_hash=email_hash(email),
        used_at__isnull=True,
        requested_at__gt=timezone.now() - VALID_FOR,
    )
    return bool(rows.update(used_at=timezone.now()))


def send_due() -> int:
    """Send the pending links, and return how many. Each is claimed before it is sent; one that the
    mail server rejects is dropped, and the person may ask again."""
    sent = 0
    waiting = AddressConfirmation.objects.filter(
        sent_at__isnull=True, requested_at__gt=timezone.now() - VALID_FOR
    )
    for row in waiting.select_related("webinar").order_by("pk"):
        # The address is no longer needed.
        if not waiting.filter(pk=row.pk).update(sent_at=timezone.now(), email=""):
            continue
        with translation.override(row.language):
            subject, text = _mail(row)
        try:
            send_mail(subject, text, None, [ascii_address(row.email)])
        except OSError as error:
            logger.warning("A confirmation link was not sent (%s)", type(error).__name__)
            row.delete()
        else:
            sent += 1
    return sent


def forget(now: dt.datetime) -> None:
    """Delete expired links."""
    AddressConfirmation.objects.filter(requested_at__lt=now - VALID_FOR).delete()


def _mail(row: AddressConfirmation) -> tuple[str, str]:
    """Return subject and text in the current language, without anything typed by the sender."""
    title = unlinked(row.webinar.subject)
    subject = _("Your registration for %(webinar)s") % {"webinar": title}
    text = _(
        "Someone, probably you, wants to register for “%(webinar)s” with this email address.\n\n"
        "Many registrations came in a short time, so please open this link and register there. It "
        "works once, within an hour:\n\n"
        "%(address)s\n\n"
        "If this was not you, ignore this email. It does not register anyone.\n"
    ) % {"webinar": title, "address": f"{form_link(row.webinar)}?confirmed={row.secret}"}
    return subject, text
