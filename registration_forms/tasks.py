"""The entry points of the background jobs of the registration form."""

from core.queue import job
from registration_forms import address_confirmation


@job
def send_confirmation_links() -> int:
    """Send links to those who are held up at the form (asked for there; each minute)."""
    return address_confirmation.send_due()
