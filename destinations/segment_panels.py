"""The HubSpot page of a segment, while a portal is connected."""

from django.utils.translation import gettext_lazy as _

from core.panels import Link
from destinations.models.portal import is_any_connected
from segments.panels import segment_links

segment_links.register(
    Link(
        _("List in HubSpot"),
        "destinations:segment_in_hubspot",
        ("destinations.view_portal", "contacts.view_contact"),
        applies=lambda _segment: is_any_connected(),
    )
)
