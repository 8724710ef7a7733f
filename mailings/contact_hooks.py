"""The contact hooks of recipients."""

from collections.abc import Mapping

from django.db.models import Model

from contacts.contact_hooks import ContactHooks, Join, register
from contacts.merge_journal import Journal
from mailings.models import Recipient

State = Recipient.State

# In this order: got it, may have got it, would have got it; then those who do not get it.
_HOW_FAR = (
    State.SENT, State.SENDING, State.UNKNOWN, State.WAITING, State.FAILED, State.SKIPPED,
)  # fmt: skip
_OUTCOME = (
    "state", "reason_code", "reason_params", "tries", "next_try_at", "claimed_at", "sent_at",
)  # fmt: skip


def join_recipients(journal: Journal, row: Recipient, twin: Recipient) -> None:
    """Keep the recipient that got further: of two contacts who are one person, no one gets the
    email twice."""
    if _HOW_FAR.index(State(row.state)) < _HOW_FAR.index(State(twin.state)):
        journal.change(twin, **{name: getattr(row, name) for name in _OUTCOME})
    journal.absorb(row, twin)


@register
class MailingHooks(ContactHooks):
    joins: Mapping[type[Model], Join] = {Recipient: join_recipients}
