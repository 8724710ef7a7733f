"""What happens to webinars and their registrations, for the packages above to act on."""

from django.dispatch import Signal

# Registrations are due to be sent to the platform.
registrations_due = Signal()
# Someone waits for a seat of `webinar`.
waiting_list_joined = Signal()
