"""Email to the people who run this installation."""

import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import send_mail
from django.db.models import QuerySet
from django.utils import timezone

from accounts.preferences import as_read_by
from core.emails import ascii_address

logger = logging.getLogger(__name__)
Message = Callable[[], tuple[str, str]]


def mail_operators(permission: str, message: Message) -> int:
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


def report_once(rows: QuerySet[Any], permission: str, message: Message, problem: str) -> int:
    """Email the operators about a problem that `rows` have, unless they were emailed about all of
    them before; return to how many (see `mail_operators`).

    The time in the rows' `notified_at` is set before the email is sent, so that two workers do not
    send it twice. If the mail server does not accept it, the time is cleared and the next call
    tries again; `problem` names it in the log.
    """
    now = timezone.now()
    if not rows.filter(notified_at__isnull=True).update(notified_at=now):
        return 0
    try:
        return mail_operators(permission, message)
    except OSError:
        logger.exception("The operators could not be emailed: %s", problem)
        rows.model._base_manager.filter(notified_at=now).update(notified_at=None)
        return 0
