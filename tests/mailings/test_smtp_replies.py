"""The meaning of each answer of a mail server: one function, tested with examples of real
servers."""

import smtplib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailings.smtp_replies import Outcome, Phase, Reply, outcome, reply_of

pytestmark = pytest.mark.pure

CONNECT, SENDER, RECIPIENT, DATA = Phase


@pytest.mark.parametrize(
    ("code", "enhanced", "phase", "expected"),
    [
        # This recipient: no such mailbox, from any server at any stage.
        (550, "", RECIPIENT, Outcome.RECIPIENT),
        (550, "5.1.1", RECIPIENT, Outcome.RECIPIENT),
        (550, "5.1.1", DATA, Outcome.RECIPIENT),
        (550, "5.4.1", RECIPIENT, Outcome.RECIPIENT),
        (550, "", DATA, Outcome.RECIPIENT),
        (551, "", RECIPIENT, Outcome.RECIPIENT),
        (553, "", RECIPIENT, Outcome.RECIPIENT),
        (553, "5.1.3", DATA, Outcome.RECIPIENT),
        (554, "5.1.2", RECIPIENT, Outcome.RECIPIENT),
        (501, "5.1.3", RECIPIENT, Outcome.RECIPIENT),
        (556, "5.1.10", RECIPIENT, Outcome.RECIPIENT),
        (501, "", RECIPIENT, Outcome.RECIPIENT),
        # This message: spam, size, policy.
        (552, "", RECIPIENT, Outcome.MESSAGE),
        (552, "", DATA, Outcome.MESSAGE),
        (552, "5.3.4", DATA, Outcome.MESSAGE),
        (552, "5.3.4", SENDER, Outcome.MESSAGE),
        (552, "", SENDER, Outcome.MESSAGE),
        (554, "", DATA, Outcome.MESSAGE),
        (554, "5.7.1", RECIPIENT, Outcome.MESSAGE),
        (550, "5.7.1", DATA, Outcome.MESSAGE),
        (550, "5.7.26", RECIPIENT, Outcome.MESSAGE),
        (550, "5.6.0", DATA, Outcome.MESSAGE),
        (553, "5.7.1", RECIPIENT, Outcome.MESSAGE),
        (550, "5.1.8", RECIPIENT, Outcome.MESSAGE),
        (500, "", DATA, Outcome.MESSAGE),
        # Later.
        (421, "", CONNECT, Outcome.LATER),
        (421, "4.3.2", DATA, Outcome.LATER),
        (450, "4.2.0", RECIPIENT, Outcome.LATER),
        (451, "", SENDER, Outcome.LATER),
        (452, "4.2.2", RECIPIENT, Outcome.LATER),
        (454, "4.7.0", CONNECT, Outcome.LATER),
        # The server, or our account there.
        (530, "5.7.0", SENDER, Outcome.SERVER),
        (530, "5.7.0", RECIPIENT, Outcome.SERVER),
        (530, "", DATA, Outcome.SERVER),
        (535, "5.7.8", CONNECT, Outcome.SERVER),
        (534, "5.7.9", CONNECT, Outcome.SERVER),
        (538, "", CONNECT, Outcome.SERVER),
        (554, "", CONNECT, Outcome.SERVER),
        (550, "5.7.1", CONNECT, Outcome.SERVER),
        (553, "", SENDER, Outcome.SERVER),
        (550, "5.7.1", SENDER, Outcome.SERVER),
        (0, "", CONNECT, Outcome.SERVER),
        (-1, "", SENDER, Outcome.SERVER),
        # Unknown.
        (-1, "", DATA, Outcome.UNCLEAR),
    ],
)
def test_an_answer_means(code: int, enhanced: str, phase: Phase, expected: Outcome) -> None:
    assert outcome(code, enhanced, phase) is expected


@given(st.integers(400, 599), st.sampled_from(Phase), st.text(max_size=20))
def test_every_answer_means_something_and_only_the_first_digit_means_later(
    code: int, phase: Phase, enhanced: str
) -> None:
    assert (outcome(code, enhanced, phase) is Outcome.LATER) is (code < 500)


def test_what_smtplib_raises_shows_what_was_answered() -> None:
    refused = smtplib.SMTPRecipientsRefused({"a@b.example": (550, b"5.1.1 <a@b.example>: gone")})
    assert reply_of(refused) == Reply(550, "5.1.1 <…>: gone", RECIPIENT)
    assert reply_of(smtplib.SMTPSenderRefused(553, b"no", "x")) == Reply(553, "no", SENDER)
    assert reply_of(smtplib.SMTPDataError(554, b"5.7.1 Spam")) == Reply(554, "5.7.1 Spam", DATA)
    assert reply_of(smtplib.SMTPAuthenticationError(535, b"no")) == Reply(535, "no", CONNECT)
    assert reply_of(smtplib.SMTPConnectError(421, b"busy")) == Reply(421, "busy", CONNECT)
    assert reply_of(smtplib.SMTPServerDisconnected("gone")) is None
    assert reply_of(ConnectionRefusedError()) is None


def test_the_status_is_read_where_there_is_one() -> None:
    assert Reply(550, "5.1.1 No such user", RECIPIENT).enhanced == "5.1.1"
    assert Reply(550, "No such user 5.1.1", RECIPIENT).enhanced == ""
    assert Reply(550, "10.5.1.1 blocked", RECIPIENT).enhanced == ""
