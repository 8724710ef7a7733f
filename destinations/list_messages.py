"""Why a list of HubSpot is not followed, or somebody is not in it (rule 13)."""

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
    }
)
