"""Sending a mailing: each person once, however often it is begun again.

The steps, in the order of the code: ask the platform who opted out there; claim one recipient's row
with a conditional UPDATE; look again whether they should get it; hand the mail over; write the
outcome and the line of the timeline in one transaction. A process killed between the mail server's
answer and our writing leaves a claimed row: it becomes "may have been sent" and is not repeated by
itself.
"""

import datetime as dt
import logging
import smtplib
import time

from django.conf import settings
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.models import Activity
from contacts.opt_outs import opted_out
from core.rate_limit.database import SharedBudget
from mailings import opt_out_check
from mailings.audience import still_in_audience
from mailings.composer import Mail, compose, message, values_of
from mailings.models import Mailing, Recipient

logger = logging.getLogger(__name__)
State = Recipient.State

# A mail server answers long before; a row claimed for longer belongs to a process that died.
_CLAIM = dt.timedelta(minutes=10)
_LATELY = dt.timedelta(minutes=2)
# A worker is not kept by one long mailing: after so many seconds others have their turn.
SLICE = 20.0
# A connection to the mail server that was not used for so long (seconds) is opened anew.
_IDLE = 5.0
_DELAYS = [dt.timedelta(minutes=n) for n in (1, 5, 15, 60, 240, 720)]


class MailServerAway(Exception):
    """The mail server cannot be reached or does not take mails from us; `words` are its own."""

    def __init__(self, words: str, *, for_good: bool) -> None:
        super().__init__(words)
        self.words = words
        self.for_good = for_good


def start(mailing: Mailing) -> bool:
    """Begin or continue sending; False where it is being sent or done already."""
    rows = Mailing.objects.filter(
        pk=mailing.pk, state__in=(Mailing.State.DRAFT, Mailing.State.PAUSED)
    )
    mailing.checked_at = None
    return bool(
        rows.update(
            state=Mailing.State.SENDING,
            started_at=timezone.now(),
            problem="",
            to_check=opt_out_check.left(mailing),
            checked_at=None,
        )
    )


def pause(mailing: Mailing, problem: str = "") -> None:
    """Stop after the mail that is just being sent."""
    rows = Mailing.objects.filter(pk=mailing.pk, state=Mailing.State.SENDING)
    rows.update(state=Mailing.State.PAUSED, problem=problem)


def send(mailing_id: int) -> int:
    """Send what waits of a mailing, until nothing does, it is paused, or SLICE has passed; return
    how many went."""
    until = time.monotonic() + SLICE
    settle_lost(mailing_id)
    mailing = Mailing.objects.get(pk=mailing_id)
    if not opt_out_check.run(mailing, until=until):
        return 0
    sender = _Sender(Mailing.objects.select_related("webinar__connection").get(pk=mailing_id))
    sent = 0
    try:
        while time.monotonic() < until and sender.wanted():
            recipient = sender.claim()
            if recipient is None:
                break
            sent += sender.deal_with(recipient)
    except MailServerAway as away:
        if away.for_good:
            said = _("The mail server refuses our mails. It said: %(words)s")
            pause(sender.mailing, said % {"words": away.words})
    finally:
        sender.close()
    _finish(mailing_id)
    return sent


def settle_lost(mailing_id: int | None = None) -> int:
    """Mark rows whose process died while it was sending: nobody knows whether the mail went."""
    rows = Recipient.objects.filter(state=State.SENDING, claimed_at__lt=timezone.now() - _CLAIM)
    if mailing_id is not None:
        rows = rows.filter(mailing=mailing_id)
    reason = _("The process that sent it was ended. It may have been sent, so it is not repeated.")
    return rows.update(state=State.UNKNOWN, reason=reason)


def is_due(mailing_id: int) -> bool:
    """Tell whether somebody of a mailing that is being sent could get it right now, and no other
    worker asks the platform for its recipients."""
    now = timezone.now()
    due = Q(next_try_at__isnull=True) | Q(next_try_at__lte=now)
    free = Q(mailing__checking_until__isnull=True) | Q(mailing__checking_until__lt=now)
    rows = Recipient.objects.filter(due, free, mailing=mailing_id, state=State.WAITING)
    return rows.filter(mailing__state=Mailing.State.SENDING).exists()


def is_worked_on(mailing_id: int) -> bool:
    """Tell whether a worker took a row of a mailing a short while ago."""
    lately = timezone.now() - _LATELY
    return Recipient.objects.filter(mailing=mailing_id, claimed_at__gt=lately).exists()


def send_unknown_again(mailing: Mailing) -> int:
    """Let those who may have got it get it again, because a person wants so."""
    rows = mailing.recipients.filter(state=State.UNKNOWN)
    count = rows.update(state=State.WAITING, reason="", next_try_at=None)
    if count:
        Mailing.objects.filter(pk=mailing.pk).update(
            state=Mailing.State.SENDING, started_at=timezone.now(), checked_at=None
        )
    return count


def _finish(mailing_id: int) -> None:
    open_rows = Recipient.objects.filter(
        mailing=mailing_id, state__in=(State.WAITING, State.SENDING)
    )
    if not open_rows.exists():
        rows = Mailing.objects.filter(pk=mailing_id, state=Mailing.State.SENDING)
        rows.update(state=Mailing.State.DONE, finished_at=timezone.now())


class _Sender:
    """Works on one mailing over one connection to the mail server."""

    def __init__(self, mailing: Mailing) -> None:
        self.mailing = mailing
        self._common = values_of(mailing)
        self._connection: BaseEmailBackend | None = None
        self._used_at = 0.0
        self._budget = SharedBudget("mails", settings.MAILS_PER_MINUTE / 60)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def wanted(self) -> bool:
        rows = Mailing.objects.filter(pk=self.mailing.pk, state=Mailing.State.SENDING)
        return bool(settings.MAIL_READY) and rows.exists()

    def claim(self) -> Recipient | None:
        """Take the next waiting row that nobody else takes."""
        while True:
            row = self._waiting().first()
            if row is None:
                return None
            mine = Recipient.objects.filter(pk=row.pk, state=State.WAITING)
            if mine.update(state=State.SENDING, claimed_at=timezone.now(), tries=F("tries") + 1):
                row.tries += 1
                row.mailing = self.mailing
                return row

    def _waiting(self) -> QuerySet[Recipient]:
        due = Q(next_try_at__isnull=True) | Q(next_try_at__lte=timezone.now())
        rows = Recipient.objects.filter(due, mailing=self.mailing, state=State.WAITING)
        return rows.select_related("contact", "registration__webinar").order_by("pk")

    def deal_with(self, recipient: Recipient) -> bool:
        """Send to a claimed row or write why not; return whether a mail went. Raises
        MailServerAway after giving the row back."""
        made = compose(recipient, self._common)
        reason = self._why_not(recipient, made)
        if reason:
            _settle(recipient, State.SKIPPED, reason)
            return False
        self._budget.wait_turn()
        try:
            connection = self._open()
        except OSError as error:
            raise self._away(recipient, error) from error
        try:
            self._hand_over(connection, recipient, made)
        except smtplib.SMTPRecipientsRefused as error:
            code, words = next(iter(error.recipients.values()))
            return self._refused(recipient, code, words)
        except smtplib.SMTPResponseException as error:
            raise self._away(recipient, error) from error
        except OSError as error:
            # The line broke while the mail was on it: nobody knows whether it arrived.
            _settle(recipient, State.UNKNOWN, _("The connection broke off while it was sent."))
            raise MailServerAway(str(error), for_good=False) from error
        _settle_sent(recipient, made)
        return True

    def _why_not(self, recipient: Recipient, made: Mail) -> str:
        if opted_out([recipient.contact_id]):
            return _("They unsubscribed.")
        if not still_in_audience(recipient):
            return _("They have left the audience since it was chosen.")
        if made.lacking:
            names = ", ".join(f"{{{name}}}" for name in sorted(made.lacking))
            return _("There is nothing to fill in for %(names)s.") % {"names": names}
        return ""

    def _open(self) -> BaseEmailBackend:
        """Return an open connection; servers hang up on one that has been idle for a while."""
        if self._connection is not None and time.monotonic() - self._used_at > _IDLE:
            self.close()
            self._connection = None
        if self._connection is None:
            connection = mail.get_connection()
            connection.open()
            self._connection = connection
        return self._connection

    def _hand_over(self, connection: BaseEmailBackend, recipient: Recipient, made: Mail) -> None:
        ready = message(made, recipient.contact.email, f"mailing-{self.mailing.pk}-{recipient.pk}")
        ready.connection = connection
        ready.send()
        self._used_at = time.monotonic()

    def _refused(self, recipient: Recipient, code: int, words: bytes | str) -> bool:
        said = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
        if 400 <= code < 500 and _later(recipient, said):
            return False
        _settle(recipient, State.FAILED, said)
        return False

    def _away(self, recipient: Recipient, error: Exception) -> MailServerAway:
        """Give the row back: the fault is not this person's."""
        code = getattr(error, "smtp_code", 0)
        words = getattr(error, "smtp_error", None) or str(error)
        said = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
        logger.warning("The mail server did not take a mail: %s", said)
        for_good = code >= 500
        if for_good:
            _give_back(recipient, None, said)
        elif not _later(recipient, said):
            _settle(recipient, State.FAILED, said)
        return MailServerAway(said, for_good=for_good)


def _later(recipient: Recipient, reason: str) -> bool:
    """Have it tried again later; False where it was tried often enough."""
    if recipient.tries > len(_DELAYS):
        return False
    _give_back(recipient, timezone.now() + _DELAYS[recipient.tries - 1], reason)
    return True


def _give_back(recipient: Recipient, at: dt.datetime | None, reason: str) -> None:
    _mine(recipient).update(state=State.WAITING, next_try_at=at, reason=reason)


def _settle(recipient: Recipient, state: State, reason: str) -> None:
    _mine(recipient).update(state=state, reason=reason)


def _settle_sent(recipient: Recipient, made: Mail) -> None:
    now = timezone.now()
    webinar = recipient.mailing.webinar
    with transaction.atomic():
        _mine(recipient).update(state=State.SENT, reason="", sent_at=now)
        Activity.objects.get_or_create(
            contact_id=recipient.contact_id,
            key=f"mailed:{recipient.mailing_id}",
            defaults={
                "kind": Activity.Kind.MAILED,
                "happened_at": now,
                "webinar_key": webinar.key if webinar else "",
                "webinar_subject": webinar.subject if webinar else "",
                "data": {"subject": made.subject},
            },
        )


def _mine(recipient: Recipient) -> QuerySet[Recipient]:
    return Recipient.objects.filter(pk=recipient.pk, state=State.SENDING)


def send_test(recipient: Recipient, address: str) -> None:
    """Send what `recipient` would get to a colleague's own address, with links that do nothing:
    the real ones are the recipient's own. Raises MailServerAway."""
    made = compose(recipient, values_of(recipient.mailing), example=True)
    ready = message(made, address, f"test-{recipient.mailing_id}-{timezone.now().timestamp():.0f}")
    ready.subject = _("Test: %(subject)s") % {"subject": made.subject}
    try:
        ready.send()
    except OSError as error:
        raise MailServerAway(str(error), for_good=False) from error
