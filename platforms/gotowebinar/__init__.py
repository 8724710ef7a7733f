"""GoToWebinar: the API client in pure Python, and the platform that it is (docs/gotowebinar.md)."""

from platforms.gotowebinar.client import Client
from platforms.gotowebinar.hosts import Hosts
from platforms.gotowebinar.oauth import authorize_address, exchange, fetch_identity, refresh, revoke
from platforms.gotowebinar.webhook_events import EVENTS, is_signed, read_event

__all__ = [
    "EVENTS",
    "Client",
    "Hosts",
    "authorize_address",
    "exchange",
    "fetch_identity",
    "is_signed",
    "read_event",
    "refresh",
    "revoke",
]
