"""The messages why a recipient did not get a mailing, and why one was paused."""

from core import messages
from mailings.reasons import Problem, Reason

messages.register(
    {f"recipient.{reason.value}": reason.label for reason in Reason}
    | {f"mailing.{problem.value}": problem.label for problem in Problem}
)
