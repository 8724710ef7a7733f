"""Email to the people who run this installation."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import send_mail

from accounts.preferences import as_read_by
from core.emails import ascii_address


def mail_operators(permission: str, message: Callable[[], tuple[str, str]]) -> int:
    """Email everyone who has `permission` and an address, and return how many that were.

    `message` returns subject and text, in the recipient's language and time zone. Each operator
    gets a separate email, because they need not know each other's address. Raises OSError if the
    mail server does not accept one.
    """
    if not settings.MAIL_READY:
        return 0
    operators = [
        user
        for user in User.objects.with_perm(
            permission, backend="django.contrib.auth.backends.ModelBackend"
        ).distinct()
        if user.email
    ]
    for user in operators:
        with as_read_by(user):
            subject, text = message()
        send_mail(subject, text, None, [ascii_address(user.email)])
    return len(operators)
