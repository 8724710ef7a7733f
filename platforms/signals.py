"""What happens to connections, for the packages above to act on."""

from django.dispatch import Signal

# An organizer's account was connected, for the first time or again: `connection`.
connected = Signal()
# The platform's webhooks have told of something, which is kept (`WebhookEvent`).
event_received = Signal()
# A person (`user_id`) wants the lists of webinars to be read now. Receivers return of how many
# connections someone was asked to.
lists_requested = Signal()
