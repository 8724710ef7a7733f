"""Links to choose a password, for invited users and forgotten passwords.

A link is valid for PASSWORD_RESET_TIMEOUT and for one password. It is not stored: it is created
where it is sent, so that neither the queue nor a log has it.
"""

import datetime as dt
import logging

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import PasswordLink
from accounts.preferences import as_read_by
from core.emails import ascii_address, email_key

logger = logging.getLogger(__name__)
VALID_FOR = dt.timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
# Anyone who asks again and again fills no one's mailbox.
_BETWEEN_TWO = dt.timedelta(minutes=5)


def people_of(email: str) -> list[User]:
    """Return the users who may sign in, or would with a password, and have the address `email`."""
    key = email_key(email)
    people = User.objects.filter(is_active=True, is_staff=True).exclude(email="")
    return [user for user in people if email_key(user.email) == key]


def make_link(user: User, request: HttpRequest | None = None) -> str:
    """Return a new link for `user`. Without PUBLIC_URL it leads to where `request` came to.

    The links that someone who has no password yet got before are void from now on.
    """
    if not user.has_usable_password():
        user.set_unusable_password()
        user.save(update_fields=["password"])
    PasswordLink.objects.update_or_create(user=user, defaults={"sent_at": timezone.now()})
    key = urlsafe_base64_encode(force_bytes(user.pk))
    path = reverse("choose_password", args=[key, default_token_generator.make_token(user)])
    if request is not None and not settings.PUBLIC_URL:
        return request.build_absolute_uri(path)
    return f"{settings.PUBLIC_URL}{path}"


def send_link(user: User) -> bool:
    """Email `user` a new link; False where no email can be sent."""
    if not (settings.MAIL_READY and user.email):
        return False
    link = make_link(user)
    with as_read_by(user):
        subject, text = _mail(link, invited=not user.has_usable_password())
    try:
        send_mail(subject, text, None, [ascii_address(user.email)])
    except OSError as error:
        logger.warning("A link to choose a password was not sent (%s)", type(error).__name__)
        return False
    return True


def send_requested_link(user_id: int) -> bool:
    """Email the user a link that was asked for at the sign-in, unless one was sent just now."""
    recent = PasswordLink.objects.filter(sent_at__gt=timezone.now() - _BETWEEN_TWO)
    user = User.objects.filter(pk=user_id, is_active=True, is_staff=True).first()
    if user is None or recent.filter(user=user).exists():
        return False
    return send_link(user)


def _mail(link: str, invited: bool) -> tuple[str, str]:
    """Return subject and text, in the language in use; nothing in it was entered by a user."""
    days = VALID_FOR.days
    valid = ngettext(
        "The link works once, within %(count)d day.",
        "The link works once, within %(count)d days.",
        days,
    ) % {"count": days}
    if invited:
        subject = _("You're invited to WebinarSync")
        text = _(
            "A colleague has created an account for you in WebinarSync. Choose a password to "
            "sign in:\n\n%(link)s\n\n%(valid)s Your user name is this email address.\n"
        )
    else:
        subject = _("Choose a new password for WebinarSync")
        text = _(
            "Someone, probably you, asked for a new password for your WebinarSync account. Choose "
            "one here:\n\n%(link)s\n\n%(valid)s If it was not you, ignore this email: your "
            "password stays as it is.\n"
        )
    return subject, text % {"link": link, "valid": valid}
