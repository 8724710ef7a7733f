"""The entry points of the background jobs of destinations."""

from core.queue import job
from core.rate_limit.database import Priority
from destinations.hubspot import access
from destinations.hubspot.errors import HubSpotError
from destinations.models import Portal


@job
def read_hubspot_properties() -> int:
    """Read again which properties HubSpot's contacts have (each day). Return how many there are."""
    portal = Portal.objects.filter(current=True).first()
    if portal is None:
        return 0
    try:
        access.read_properties(portal, access.client_for(portal, Priority.BACKFILL))
    except HubSpotError as error:
        access.note_error(portal, error)
        return 0
    return len(portal.definitions)
