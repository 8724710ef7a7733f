"""Email the operators, at most once a day, when someone is guessing passwords."""

import datetime as dt
from collections.abc import Mapping
from functools import partial

from django.conf import settings
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import LockoutCount
from accounts.operator_mail import report_once

Kind = LockoutCount.Kind
_DAY = dt.timedelta(days=1)


def lockouts_of_a_day(now: dt.datetime) -> Mapping[Kind, int]:
    """Return how often each limit was reached in the last 24 hours.

    One name from one network is left out: that is typical of people who forgot their password.
    """
    rows = LockoutCount.objects.wide().filter(hour__gt=now - _DAY)
    return {Kind(row["kind"]): row["n"] for row in rows.values("kind").annotate(n=Sum("count"))}


def report_password_guessing() -> int:
    """Email the operators if passwords are being guessed and they were not emailed today; return to
    how many."""
    now = timezone.now()
    today = LockoutCount.objects.wide().filter(hour__gt=now - _DAY)
    if not settings.MAIL_READY or LockoutCount.objects.filter(notified_at__gt=now - _DAY).exists():
        return 0
    message = partial(_mail, lockouts_of_a_day(now))
    return report_once(today, "auth.change_user", message, "passwords are being guessed")


def _mail(counts: Mapping[Kind, int]) -> tuple[str, str]:
    """Return subject and text in the current language."""
    subject = _("Someone is guessing passwords for your WebinarSync")
    text = _(
        "Sign-in attempts were blocked in the last 24 hours:\n\n"
        "Many names tried from one network: %(network)d\n"
        "One name tried from many networks: %(name)d\n"
        "Many names tried from many networks: %(all)d\n\n"
        "Blocked visitors have to wait 15 minutes. People who use a browser in which they have "
        "signed in before are not affected. Make sure that everyone has a long password that they "
        "use nowhere else.\n\n"
        "%(address)s\n"
    ) % {
        "network": counts.get(Kind.NETWORK, 0),
        "name": counts.get(Kind.NAME, 0),
        "all": counts.get(Kind.INSTALLATION, 0),
        "address": f"{settings.PUBLIC_URL}/admin/auth/user/",
    }
    return subject, text
