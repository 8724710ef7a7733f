"""The HubSpot section of a contact's page, while a portal is connected."""

from typing import Any

from django.http import HttpRequest

from contacts.models import Contact
from contacts.panels import contact_panels
from core.panels import Section
from destinations.hubspot.status import link_of
from destinations.models import HubSpotContact
from destinations.models.portal import is_any_connected


def _in_hubspot(request: HttpRequest, contact: Contact) -> dict[str, Any]:
    """Return the contact's record in HubSpot and its URL; nothing if it was never looked up."""
    if not is_any_connected() or not request.user.has_perm("destinations.view_portal"):
        return {}
    record = link_of(contact.pk)
    if record is None:
        return {}
    is_linked = record.state == HubSpotContact.State.LINKED
    address = record.portal.contact_url(record.hubspot_id) if is_linked else ""
    return {"in_hubspot": record, "hubspot_url": address}


contact_panels.sections.register(Section("destinations/contact.html", _in_hubspot, order=30))
