"""Signals about webinars and registrations for the packages above."""

from django.dispatch import Signal

# Registrations are due to be pushed to the platform.
registrations_due = Signal()
# Someone waits for a seat of `webinar`.
waiting_list_joined = Signal()
