"""Send a mailing: to each person once, however often sending is restarted.

The steps, in the order of the code: check opt-outs with the platform; wait for the turn of one
email (`rate_limit`); claim one recipient's row with a conditional UPDATE; check again whether they
should get it; hand the email to the mail server; write the outcome and the timeline entry in one
transaction. A process killed between the mail server's reply and our writing leaves a claimed row:
it becomes "may have been sent" and is not repeated automatically. A row is claimed only as long as
one email takes: nothing is waited for in the meantime.

`smtp_replies` interprets the replies of the mail server; each outcome is handled here.
"""

import datetime as dt
import enum
import logging
import smtplib
import time

from django.conf import settings
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from contacts.activities import record_activity
from contacts.models import Activity
from core.conditions import has_passed
from mailings import opt_out_check, rate_limit
from mailings.claims import claim
from mailings.composer import Mail, compose, message, values_of
from mailings.eligibility import why_left_out
from mailings.models import Mailing, Recipient
from mailings.reasons import Problem, Reason
from mailings.smtp_replies import Outcome, Reply, no_answer, reply_of, without_addresses

logger = logging.getLogger(__name__)
State = Recipient.State

# Longer than any reply of a mail server takes; a row claimed for longer belongs to a killed
# process.
_CLAIM = dt.timedelta(minutes=10)
_LATELY = dt.timedelta(minutes=2)
# After this many seconds a long mailing yields the worker to others.
SLICE = 20.0
# A connection that was idle for this many seconds is reopened.
_IDLE = 5.0
_DELAYS = [dt.timedelta(minutes=n) for n in (1, 5, 15, 60, 240, 720)]


# This many rejected emails in a row pause the mailing.
REFUSED_IN_A_ROW = 5
# How long a busy mail server is left alone.
_BUSY = dt.timedelta(minutes=1)


class MailServerAway(Exception):
    """No email can be sent for now; `server_message` is the mail server's reply."""

    def __init__(self, server_message: str) -> None:
        super().__init__(server_message)
        self.server_message = server_message


class Dealt(enum.Enum):
    """The outcome for a claimed row."""

    SENT = enum.auto()
    LEFT_OUT = enum.auto()
    NOT_TAKEN = enum.auto()


def start(mailing: Mailing) -> bool:
    """Start or continue sending; False if it is already being sent or done."""
    rows = Mailing.objects.filter(
        pk=mailing.pk, state__in=(Mailing.State.DRAFT, Mailing.State.PAUSED)
    )
    mailing.checked_at = None
    return bool(
        rows.update(
            state=Mailing.State.SENDING,
            started_at=timezone.now(),
            problem_code="",
            server_message="",
            refused_in_a_row=0,
            next_try_at=None,
            to_check=opt_out_check.left(mailing),
            checked_at=None,
        )
    )


def pause(mailing: Mailing, problem: Problem | None = None, server_message: str = "") -> None:
    """Pause after the email that is being sent; `server_message` is the mail server's."""
    rows = Mailing.objects.sending().filter(pk=mailing.pk)
    rows.update(
        state=Mailing.State.PAUSED, problem_code=problem or "", server_message=server_message
    )


def send(mailing_id: int) -> int:
    """Send what waits of a mailing, until nothing does, it is paused, or SLICE has passed; return
    how many were sent."""
    until = time.monotonic() + SLICE
    settle_lost(mailing_id)
    mailing = Mailing.objects.get(pk=mailing_id)
    if not opt_out_check.run(mailing, until=until):
        return 0
    sender = _Sender(Mailing.objects.select_related("webinar__connection").get(pk=mailing_id))
    try:
        sender.run(until)
    except MailServerAway:
        logger.warning("Mailing %d waits: the mail server takes no mails for now", mailing_id)
    finally:
        sender.close()
    _finish(mailing_id)
    return sender.sent


def settle_lost(mailing_id: int | None = None) -> int:
    """Mark rows whose process was killed while sending: whether they were sent is unknown."""
    rows = Recipient.objects.claimed().filter(claimed_at__lt=timezone.now() - _CLAIM)
    if mailing_id is not None:
        rows = rows.filter(mailing=mailing_id)
    return rows.update(state=State.UNKNOWN, reason_code=Reason.LOST, reason_params={})


def is_due(mailing_id: int) -> bool:
    """Return whether a mailing being sent has recipients who are due, and no other worker is
    checking its opt-outs."""
    now = timezone.now()
    free = has_passed("mailing__checking_until", now)
    ready = has_passed("mailing__next_try_at", now)
    going = Mailing.objects.sending()
    due = Recipient.objects.due(now).filter(mailing=mailing_id, mailing__in=going)
    if not due.filter(free, ready).exists():
        return False
    # A worker does not wait for a distant turn: the sweep returns.
    return rate_limit.seconds_left() <= SLICE


def is_worked_on(mailing_id: int) -> bool:
    """Return whether a worker is sending a mailing: it claimed a row a short while ago."""
    lately = timezone.now() - _LATELY
    rows = Recipient.objects.filter(mailing=mailing_id, claimed_at__gt=lately)
    if rate_limit.seconds_between() > SLICE:
        # Between two emails no row is claimed.
        rows = rows.claimed()
    return rows.exists()


def send_unknown_again(mailing: Mailing) -> int:
    """Send again to those who may have got it, because a user decided so."""
    return _send_again(mailing, State.UNKNOWN)


def send_failed_again(mailing: Mailing) -> int:
    """Send again to those whose email was rejected, because a user decided so."""
    return _send_again(mailing, State.FAILED)


def _send_again(mailing: Mailing, state: State) -> int:
    count = mailing.recipients.filter(state=state).update(
        state=State.WAITING, reason_code="", reason_params={}, next_try_at=None, tries=0
    )
    if count:
        Mailing.objects.filter(pk=mailing.pk).update(
            state=Mailing.State.SENDING,
            started_at=timezone.now(),
            finished_at=None,
            checked_at=None,
            problem_code="",
            server_message="",
            refused_in_a_row=0,
            next_try_at=None,
        )
    return count


def _finish(mailing_id: int) -> None:
    open_rows = Recipient.objects.filter(
        mailing=mailing_id, state__in=(State.WAITING, State.SENDING)
    )
    if not open_rows.exists():
        rows = Mailing.objects.sending().filter(pk=mailing_id)
        rows.update(state=Mailing.State.DONE, finished_at=timezone.now())


class _Sender:
    """Sends one mailing over one connection to the mail server."""

    def __init__(self, mailing: Mailing) -> None:
        self.mailing = mailing
        self.sent = 0
        self._common = values_of(mailing)
        self._connection: BaseEmailBackend | None = None
        self._used_at = 0.0

    def run(self, until: float) -> None:
        """Send emails until the clock (`time.monotonic`) reaches `until`. Raises MailServerAway."""
        while self._wanted(until) and self._waiting().exists() and self._turn(until):
            # A turn is used by an email that goes to the server, not by recipients left out before
            # it.
            dealt = Dealt.LEFT_OUT
            while dealt is Dealt.LEFT_OUT and self._wanted(until):
                recipient = self._claim(until)
                if recipient is None:
                    return
                dealt = self._deal_with(recipient)
            self.sent += dealt is Dealt.SENT

    def close(self) -> None:
        """Close the connection; the next email reopens it."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection.close()

    def _wanted(self, until: float) -> bool:
        if time.monotonic() >= until or not settings.MAIL_READY:
            return False
        ready = has_passed("next_try_at", timezone.now())
        return Mailing.objects.sending().filter(ready, pk=self.mailing.pk).exists()

    def _turn(self, until: float) -> bool:
        """Wait for the turn of one email; False if it is after `until`."""
        while wait := rate_limit.reserve_turn():
            if time.monotonic() + wait > until:
                return False
            time.sleep(wait)
        return True

    def _claim(self, until: float) -> Recipient | None:
        """Take the next waiting row that no one else takes, or of someone who was emailed
        recently; None where there is none before `until`."""
        while time.monotonic() < until and (row := self._waiting().first()) is not None:
            if claim(row, self.mailing):
                row.tries += 1
                row.mailing = self.mailing
                return row
        return None

    def _waiting(self) -> QuerySet[Recipient]:
        rows = Recipient.objects.due(timezone.now()).filter(mailing=self.mailing)
        return rows.select_related("contact", "registration__webinar").order_by("pk")

    def _deal_with(self, recipient: Recipient) -> Dealt:
        """Send to a claimed row or save why not. Raises MailServerAway after the row is saved."""
        made = compose(recipient, self._common)
        reason = why_left_out(recipient) or (Reason.LACKING if made.lacking else None)
        if reason is not None:
            _settle(recipient, State.SKIPPED, reason, **_named(reason, made))
            return Dealt.LEFT_OUT
        try:
            connection = self._open()
        except OSError as error:
            self._answered(recipient, reply_of(error) or no_answer(error))
            return Dealt.NOT_TAKEN
        try:
            self._hand_over(connection, recipient, made)
        except (smtplib.SMTPNotSupportedError, ValueError):
            # Nothing was sent to the server yet, so it has no email with this address.
            _settle(recipient, State.FAILED, Reason.ADDRESS)
            return Dealt.LEFT_OUT
        except OSError as error:
            reply = reply_of(error)
            if reply is not None:
                self._answered(recipient, reply)
                return Dealt.NOT_TAKEN
            # The connection broke during the email: whether it arrived is unknown.
            _settle(recipient, State.UNKNOWN, Reason.BROKEN_OFF)
            self._count_refusal(Problem.BROKEN_OFF, without_addresses(str(error)))
            self.close()
            return Dealt.NOT_TAKEN
        _settle_sent(recipient, made)
        self._refusals().update(refused_in_a_row=0)
        return Dealt.SENT

    def _open(self) -> BaseEmailBackend:
        """Return an open connection; servers close idle ones after a while."""
        if self._connection is not None and time.monotonic() - self._used_at > _IDLE:
            self.close()
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

    def _answered(self, recipient: Recipient, reply: Reply) -> None:
        """Save the outcome of a reply other than success. Raises MailServerAway if the server
        accepts no other email either."""
        outcome = reply.outcome
        # Replies contain addresses; the row has the outcome with the reply.
        logger.warning(
            "The mail server answered %d %s to %s: %s",
            reply.code,
            reply.enhanced or "-",
            reply.phase.value,
            outcome.value,
        )
        if outcome is Outcome.SERVER:
            _give_back(recipient)
            problem = Problem.REFUSED if reply.code >= 400 else Problem.AWAY
            pause(self.mailing, problem, reply.server_message)
            raise MailServerAway(reply.server_message)
        if outcome is Outcome.LATER:
            if not _later(recipient, reply.server_message):
                _settle(
                    recipient, State.FAILED, Reason.TOO_OFTEN, server_message=reply.server_message
                )
        elif outcome is Outcome.RECIPIENT:
            _settle(recipient, State.FAILED, Reason.REFUSED, server_message=reply.server_message)
        elif outcome is Outcome.UNCLEAR:
            _settle(recipient, State.UNKNOWN, Reason.UNCLEAR, server_message=reply.server_message)
            self._count_refusal(Problem.MESSAGES, reply.server_message)
        else:
            _settle(recipient, State.FAILED, Reason.MESSAGE, server_message=reply.server_message)
            self._count_refusal(Problem.MESSAGES, reply.server_message)
        if reply.ends_line or outcome is Outcome.UNCLEAR:
            self.close()
        if reply.ends_line:
            Mailing.objects.filter(pk=self.mailing.pk).update(next_try_at=timezone.now() + _BUSY)
            raise MailServerAway(reply.server_message)

    def _count_refusal(self, problem: Problem, server_message: str) -> None:
        """Pause the mailing after several rejections without an accepted email in between."""
        self._refusals(least=0).update(refused_in_a_row=F("refused_in_a_row") + 1)
        if self._refusals(least=REFUSED_IN_A_ROW).exists():
            pause(self.mailing, problem, server_message)

    def _refusals(self, least: int = 1) -> QuerySet[Mailing]:
        return Mailing.objects.filter(pk=self.mailing.pk, refused_in_a_row__gte=least)


def _named(reason: Reason, made: Mail) -> dict[str, str]:
    if reason is not Reason.LACKING:
        return {}
    return {"names": ", ".join(f"{{{name}}}" for name in sorted(made.lacking))}


def _later(recipient: Recipient, server_message: str) -> bool:
    """Retry it later; False after too many attempts."""
    if recipient.tries > len(_DELAYS):
        return False
    _mine(recipient).update(
        state=State.WAITING,
        next_try_at=timezone.now() + _DELAYS[recipient.tries - 1],
        reason_code=Reason.LATER,
        reason_params={"server_message": server_message},
    )
    return True


def _give_back(recipient: Recipient) -> None:
    """Let it wait as before: the failure is not this recipient's."""
    _mine(recipient).update(state=State.WAITING, next_try_at=None, tries=F("tries") - 1)


def _settle(recipient: Recipient, state: State, reason: Reason, **params: str) -> None:
    _mine(recipient).update(state=state, reason_code=reason, reason_params=params)


def _settle_sent(recipient: Recipient, made: Mail) -> None:
    now = timezone.now()
    webinar = recipient.mailing.webinar
    with transaction.atomic():
        _mine(recipient).update(state=State.SENT, reason_code="", reason_params={}, sent_at=now)
        record_activity(
            Activity(
                contact_id=recipient.contact_id,
                key=f"mailed:{recipient.mailing_id}",
                kind=Activity.Kind.MAILED,
                happened_at=now,
                webinar_key=webinar.key if webinar else "",
                webinar_subject=webinar.subject if webinar else "",
                data={"subject": made.subject},
            )
        )


def _mine(recipient: Recipient) -> QuerySet[Recipient]:
    return Recipient.objects.claimed().filter(pk=recipient.pk)
