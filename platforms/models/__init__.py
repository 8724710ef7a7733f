"""Connections to a platform where webinars are held, and what it tells by webhooks."""

from platforms.models.connection import CallCount, Connection
from platforms.models.webhook import WebhookEvent, WebhookSecret, WebhookSetup

__all__ = ["CallCount", "Connection", "WebhookEvent", "WebhookSecret", "WebhookSetup"]
