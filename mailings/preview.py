"""Test emails: the email of a draft, sent to its author."""

from django.utils import timezone
from django.utils.translation import gettext as _

from mailings.composer import compose, message, values_of
from mailings.models import Recipient
from mailings.sender import MailServerAway
from mailings.smtp_replies import no_answer, reply_of


def send_test(recipient: Recipient, address: str) -> None:
    """Send the email of `recipient` to a colleague's own address, with inactive links instead of
    the recipient's own. Raises MailServerAway."""
    made = compose(recipient, values_of(recipient.mailing), example=True)
    ready = message(made, address, f"test-{recipient.mailing_id}-{timezone.now().timestamp():.0f}")
    ready.subject = _("Test: %(subject)s") % {"subject": made.subject}
    try:
        ready.send()
    except OSError as error:
        raise MailServerAway((reply_of(error) or no_answer(error)).server_message) from error
