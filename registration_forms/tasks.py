"""Entry points of the background jobs of the registration form."""

from core.queue import job
from registration_forms import address_confirmation


@job
def send_confirmation_links() -> int:
    """Send the pending confirmation links (queued by the form; each minute)."""
    return address_confirmation.send_due()
