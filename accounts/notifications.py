"""Telling the operators that somebody guesses passwords, at most once a day."""

import datetime as dt
import logging
from collections.abc import Mapping

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import send_mail
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import LockoutCount
from accounts.preferences import as_read_by

logger = logging.getLogger(__name__)
Kind = LockoutCount.Kind
_DAY = dt.timedelta(days=1)


def lockouts_of_a_day(now: dt.datetime) -> Mapping[Kind, int]:
    """Return how often a limit was reached in the last 24 hours, by its kind. One name from one
    network is left out: that is what people do who forgot their password."""
    rows = LockoutCount.objects.wide().filter(hour__gt=now - _DAY)
    return {Kind(row["kind"]): row["n"] for row in rows.values("kind").annotate(n=Sum("count"))}


def tell_of_guessing() -> int:
    """Write to the operators if passwords are guessed and they were not told today; return to how
    many. Claimed before it is sent, as two workers may look at once."""
    now = timezone.now()
    today = LockoutCount.objects.wide().filter(hour__gt=now - _DAY)
    if not settings.MAIL_READY or LockoutCount.objects.filter(told_at__gt=now - _DAY).exists():
        return 0
    if not today.filter(told_at__isnull=True).update(told_at=now):
        return 0
    operators = [
        user
        for user in User.objects.with_perm(
            "auth.change_user", backend="django.contrib.auth.backends.ModelBackend"
        ).distinct()
        if user.email
    ]
    try:
        for user in operators:
            with as_read_by(user):
                subject, text = _mail(lockouts_of_a_day(now))
            send_mail(subject, text, None, [user.email])
    except OSError:
        logger.exception("The operators were not told that passwords are guessed")
        LockoutCount.objects.filter(told_at=now).update(told_at=None)
        return 0
    return len(operators)


def _mail(counts: Mapping[Kind, int]) -> tuple[str, str]:
    """Return subject and text, in the language in use."""
    subject = _("Somebody guesses passwords of your WebinarSync")
    text = _(
        "In the last 24 hours sign-ins were stopped:\n\n"
        "Many names tried from one network: %(network)d\n"
        "One name tried from many networks: %(name)d\n"
        "Many names tried from many networks: %(all)d\n\n"
        "Whoever guesses has to wait. Nobody has to who signs in with a browser in which they have "
        "signed in before. No password was found by those who were stopped; see to it that "
        "everybody has a long one that is used nowhere else.\n\n"
        "%(address)s\n"
    ) % {
        "network": counts.get(Kind.NETWORK, 0),
        "name": counts.get(Kind.NAME, 0),
        "all": counts.get(Kind.INSTALLATION, 0),
        "address": f"{settings.PUBLIC_URL}/admin/auth/user/",
    }
    return subject, text
