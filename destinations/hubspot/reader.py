"""The reader of the outbox that hands over to HubSpot."""

from core.outbox import Reader
from destinations.hubspot.access import READER as NAME
from destinations.hubspot.handover import KINDS, handle_events
from destinations.models.portal import is_any_connected

READER = Reader(
    name=NAME,
    kinds=KINDS,
    handler=handle_events,
    at_once=100,
    workers=2,
    is_active=is_any_connected,
)
