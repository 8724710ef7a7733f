"""Connections to a platform where webinars are held, and what it tells by webhooks."""

from platforms.models.connection import Connection
from platforms.models.webhook import WebhookEvent, WebhookSecret, WebhookSetup

__all__ = ["Connection", "WebhookEvent", "WebhookSecret", "WebhookSetup"]
