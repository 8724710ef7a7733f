"""Email to the operators when HubSpot refuses the access token: once for each time it begins."""

import logging
from functools import partial

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.operator_mail import mail_operators
from core.typed_text import unlinked
from destinations.models import Portal

logger = logging.getLogger(__name__)


def report_refused_token() -> bool:
    """Email the operators about a token that is refused and was not reported; return whether one
    was sent.

    Claimed before it is sent, so that two workers do not both send it. Where the mail server does
    not take the email, the next call tries again.
    """
    unreported = Portal.objects.token_refused().filter(notified_at__isnull=True)
    portal = unreported.first()
    if portal is None or not unreported.filter(pk=portal.pk).update(notified_at=timezone.now()):
        return False
    try:
        return mail_operators("destinations.change_portal", partial(_mail, portal)) > 0
    except OSError:
        logger.exception("The operators were not emailed that HubSpot refuses the access token")
        Portal.objects.filter(pk=portal.pk).update(notified_at=None)
        return False


def _mail(portal: Portal) -> tuple[str, str]:
    """Return subject and text, in the language in use."""
    subject = _("HubSpot refuses the access token of %(portal)s") % {"portal": portal}
    text = _(
        "HubSpot no longer accepts the access token of %(portal)s.\n\n"
        "%(error)s\n"
        "In HubSpot's words: “%(words)s”\n\n"
        "Nothing is lost: everything still to be sent is kept, and is sent as soon as the token is "
        "replaced.\n\n"
        "Replace it here: %(address)s\n"
    ) % {
        "portal": portal,
        "error": portal.error,
        "words": unlinked(portal.platform_message) or "–",
        "address": f"{settings.PUBLIC_URL}{reverse('destinations:hubspot')}",
    }
    return subject, text
