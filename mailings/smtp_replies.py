"""What a mail server's answer means for a mailing: `outcome` alone decides it.

The reply code (RFC 5321), the enhanced status where the server gives one (RFC 3463), and the
command that was answered tell whose fault it is: this recipient's address, this email, the moment,
or our account at the server.
"""

import enum
import re
import smtplib
from dataclasses import dataclass

# Longer answers of a server are cut.
_LONGEST = 500
_ENHANCED = re.compile(r"^\s*([245]\.\d{1,3}\.\d{1,3})\b")
_ADDRESS = re.compile(r"[^\s<>\"'(),:;]+@[^\s<>\"'(),:;]+")
# Authentication or encryption is asked for, or was refused.
_SIGN_IN = {530, 534, 535, 538}
# Statuses that speak of the sender's address, though they begin like those of a recipient's.
_OF_SENDER = {"5.1.7", "5.1.8"}
_TOO_BIG = {"5.2.3", "5.3.4"}


class Phase(enum.Enum):
    """The part of the conversation that the server answered."""

    CONNECT = "connect"
    SENDER = "sender"
    RECIPIENT = "recipient"
    DATA = "data"


class Outcome(enum.Enum):
    """What follows from an answer."""

    # This person does not get it; everyone else may.
    RECIPIENT = "recipient"
    # This mail is not taken; several in a row mean that none is.
    MESSAGE = "message"
    # The same may be taken later.
    LATER = "later"
    # No one's mail is taken until someone changes something.
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
        """Return the enhanced status, as 5.1.1; "" where the server gives none."""
        found = _ENHANCED.match(self.server_message)
        return found[1] if found else ""

    @property
    def outcome(self) -> Outcome:
        return outcome(self.code, self.enhanced, self.phase)

    @property
    def ends_line(self) -> bool:
        """Return whether the server closes the connection, whomever the next mail is for."""
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
        # Everyone's mail has this sender; only its size is the email's own.
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
    # An address that cannot be read (501), a domain that takes no mail (556, RFC 7504).
    if phase is Phase.RECIPIENT and code in (501, 556):
        return Outcome.RECIPIENT
    return Outcome.MESSAGE


def reply_of(error: Exception) -> Reply | None:
    """Return the answer that `error` of smtplib stands for; None where there was none."""
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
    """Return what stands for a server that is not there, or with which no TLS can be agreed."""
    return Reply(0, without_addresses(str(error)), Phase.CONNECT)


def without_addresses(text_or_bytes: bytes | str) -> str:
    """Return a server's words on one line, each address in them replaced by "…"."""
    text = (
        text_or_bytes.decode(errors="replace")
        if isinstance(text_or_bytes, bytes)
        else str(text_or_bytes)
    )
    return _ADDRESS.sub("…", " ".join(text.split()))[:_LONGEST]
