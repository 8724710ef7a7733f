"""Email the operators when a platform refuses a sign-in, once for each time that this begins."""

from functools import partial

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.operator_mail import report_once
from core import dates
from core.typed_text import unlinked
from platforms.models import Connection


def report_refused_sign_ins() -> int:
    """Email the operators about each refused sign-in that was not reported; return how many."""
    refused = Connection.objects.filter(
        state=Connection.State.SIGN_IN_NEEDED, notified_at__isnull=True
    )
    return sum(
        report_once(
            refused.filter(pk=connection.pk),
            "platforms.change_connection",
            partial(_mail, connection),
            "a sign-in is refused",
        )
        > 0
        for connection in refused.only(
            "email", "organizer_key", "refused_since", "platform_message"
        )
    )


def _mail(connection: Connection) -> tuple[str, str]:
    """Return subject and text, in the current language and time zone."""
    since = connection.refused_since or timezone.now()
    # Both come from the platform.
    who, words = unlinked(str(connection)), unlinked(connection.platform_message)
    subject = _("GoToWebinar refuses the sign-in of %(who)s") % {"who": who}
    text = _(
        "Since %(since)s GoToWebinar no longer accepts the sign-in of %(who)s.\n\n"
        "GoToWebinar's message: “%(words)s”\n\n"
        "Nothing is lost: registrations are kept and sent as soon as the account is connected "
        "again. Until then nothing new comes from GoToWebinar.\n\n"
        "Connect it again here: %(address)s\n"
    ) % {
        "since": dates.stamp(since),
        "who": who,
        "words": words or "–",
        "address": f"{settings.PUBLIC_URL}{reverse('platforms:connect')}",
    }
    return subject, text
