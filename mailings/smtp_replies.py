"""Interpret the replies of a mail server: only `outcome` decides what they mean for a mailing.

The reply code (RFC 5321), the enhanced status (RFC 3463), if any, and the command decide what is at
fault: this recipient's address, this email, a temporary condition, or our account at the server.
"""

import enum
import re
import smtplib
from dataclasses import dataclass

# Longer replies are truncated.
_LONGEST = 500
_ENHANCED = re.compile(r"^\s*([245]\.\d{1,3}\.\d{1,3})\b")
_ADDRESS = re.compile(r"[^\s<>\"'(),:;]+@[^\s<>\"'(),:;]+")
# Authentication or encryption is required, or failed.
_SIGN_IN = {530, 534, 535, 538}
# Statuses about the sender's address, though they begin like those of a recipient's.
_OF_SENDER = {"5.1.7", "5.1.8"}
_TOO_BIG = {"5.2.3", "5.3.4"}


class Phase(enum.Enum):
    """The phase of the conversation that the server replied to."""

    CONNECT = "connect"
    SENDER = "sender"
    RECIPIENT = "recipient"
    DATA = "data"


class Outcome(enum.Enum):
    """The consequence of a reply."""

    # This recipient does not get it; others may.
    RECIPIENT = "recipient"
    # This email is rejected; several in a row mean that all are.
    MESSAGE = "message"
    # It may be accepted later.
    LATER = "later"
    # No email is accepted until someone changes something.
    SERVER = "server"
    # No one knows whether the email was taken.
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of a mail server. Its words stand without addresses, which are people's."""

    code: int
    server_message: str
    phase: Phase

    @property
    def enhanced(self) -> str:
        """Return the enhanced status, such as 5.1.1; "" if there is none."""
        found = _ENHANCED.match(self.server_message)
        return found[1] if found else ""

    @property
    def outcome(self) -> Outcome:
        return outcome(self.code, self.enhanced, self.phase)

    @property
    def ends_line(self) -> bool:
        """Return whether the server closes the connection, whoever the next recipient is."""
        return self.code == 421 or self.phase is Phase.CONNECT


def outcome(code: int, enhanced: str, phase: Phase) -> Outcome:
    """Return what the reply `code` with the status `enhanced` ("" if there is none) means."""
    if not 400 <= code < 600:
        return Outcome.UNCLEAR if phase is Phase.DATA else Outcome.SERVER
    if code < 500:
        return Outcome.LATER
    if code in _SIGN_IN or phase is Phase.CONNECT:
        return Outcome.SERVER
    if phase is Phase.SENDER:
        # All emails have this sender; only the size is the email's own.
        too_big = enhanced in _TOO_BIG or (code == 552 and not enhanced)
        return Outcome.MESSAGE if too_big else Outcome.SERVER
    return _of_mail(code, enhanced, phase)


def _of_mail(code: int, enhanced: str, phase: Phase) -> Outcome:
    if enhanced in _OF_SENDER or enhanced.startswith(("5.6.", "5.7.")):
        return Outcome.MESSAGE
    if enhanced.startswith("5.1."):
        return Outcome.RECIPIENT
    if code in (550, 551, 553):
        return Outcome.RECIPIENT
    # A malformed address (501), a domain without email (556, RFC 7504).
    if phase is Phase.RECIPIENT and code in (501, 556):
        return Outcome.RECIPIENT
    return Outcome.MESSAGE


def reply_of(error: Exception) -> Reply | None:
    """Return the reply in an exception of smtplib; None if there is none."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, server_message = next(iter(error.recipients.values()))
        return Reply(code, without_addresses(server_message), Phase.RECIPIENT)
    if not isinstance(error, smtplib.SMTPResponseException):
        return None
    phase = Phase.CONNECT
    if isinstance(error, smtplib.SMTPSenderRefused):
        phase = Phase.SENDER
    elif isinstance(error, smtplib.SMTPDataError):
        phase = Phase.DATA
    return Reply(error.smtp_code, without_addresses(error.smtp_error), phase)


def no_answer(error: OSError) -> Reply:
    """Return a reply for a server that is unreachable, or with which no TLS connection is
    possible."""
    return Reply(0, without_addresses(str(error)), Phase.CONNECT)


def without_addresses(text_or_bytes: bytes | str) -> str:
    """Return a server's message on one line, with each address replaced by "…"."""
    text = (
        text_or_bytes.decode(errors="replace")
        if isinstance(text_or_bytes, bytes)
        else str(text_or_bytes)
    )
    return _ADDRESS.sub("…", " ".join(text.split()))[:_LONGEST]
