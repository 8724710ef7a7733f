"""Connections to webinar platforms, and their webhooks."""

from platforms.models.connection import Connection
from platforms.models.webhook import WebhookEvent, WebhookSecret, WebhookSetup

__all__ = ["Connection", "WebhookEvent", "WebhookSecret", "WebhookSetup"]
