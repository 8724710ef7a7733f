"""What the pages of webinars show of HubSpot, while a portal is connected."""

from django.utils.translation import gettext_lazy as _

from destinations.models.portal import is_any_connected
from webinars.panels import Tab, tabs

tabs.register(
    Tab(
        _("HubSpot"),
        "destinations:webinar_in_hubspot",
        ("destinations.view_portal", "webinars.view_registration"),
        60,
        applies=lambda _webinar: is_any_connected(),
        name="hubspot",
    )
)
