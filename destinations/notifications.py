"""Email to the operators when HubSpot refuses the access token: once for each time it begins."""

from functools import partial

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.operator_mail import report_once
from core.typed_text import unlinked
from destinations.models import Portal


def report_refused_token() -> bool:
    """Email the operators about a refused access token that was not reported; return whether an
    email was sent."""
    unreported = Portal.objects.token_refused().filter(notified_at__isnull=True)
    portal = unreported.first()
    if portal is None:
        return False
    message, problem = partial(_mail, portal), "HubSpot refuses the access token"
    own = unreported.filter(pk=portal.pk)
    return report_once(own, "destinations.change_portal", message, problem) > 0


def _mail(portal: Portal) -> tuple[str, str]:
    """Return subject and text in the current language."""
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
