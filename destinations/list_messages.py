"""Why a list of HubSpot is not followed or imported, or someone is not in it (rule 13)."""

from django.utils.translation import gettext_lazy as _

from core import messages
from destinations.hubspot import reasons

messages.register(
    {
        reasons.LIST_GONE: _(
            "The list was deleted in HubSpot, so it is no longer updated. Create it again if you "
            "still need it."
        ),
        reasons.LIST_NAME_TAKEN: _("HubSpot already has a list with this name."),
        reasons.LIST_NOT_CHANGEABLE: _(
            "HubSpot decides itself who is in this list, because it has conditions. Create a "
            "numbered list instead."
        ),
        reasons.LIST_PEOPLE_UNKNOWN: _(
            "The people of this segment could not be found, so no one was added or removed."
        ),
        reasons.NOT_IN_HUBSPOT: _("Not in HubSpot."),
        reasons.LIST_NOT_FOUND: _(
            "HubSpot has no list of contacts with this name or number. Copy the name from HubSpot, "
            "or the address of the list's page."
        ),
        reasons.LIST_OF_OTHERS: _(
            "This list holds companies or other records. Choose a list of contacts."
        ),
        reasons.LIST_DELETED: _(
            "The list was deleted in HubSpot before all of it was read. Restore it there and try "
            "again, or import another list."
        ),
        reasons.LIST_NOT_CONNECTED: _(
            "The HubSpot portal of this list is not connected. Connect it under Settings > "
            "HubSpot, or ask an operator to, and try again."
        ),
    }
)
