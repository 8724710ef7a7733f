"""What happens to connections, for the packages above to act on."""

from django.dispatch import Signal

# An organizer's account was connected, for the first time or again: `connection`.
connected = Signal()
# Webhook events were stored (`WebhookEvent`).
event_received = Signal()
# A user (`user_id`) wants the lists of webinars to be read now. Receivers return for how many
# connections that was queued.
lists_requested = Signal()
