"""The entry points of the background jobs of accounts."""

from accounts import notifications
from core.queue import job


@job
def report_password_guessing() -> int:
    """Write to the operators if passwords are guessed (each minute; once a day); return to how
    many."""
    return notifications.report_password_guessing()
