"""An action on an audience of a webinar: search among its people."""

from django.utils.translation import gettext_lazy as _

from core.panels import Link
from webinars.panels import audience_links

audience_links.register(
    Link(_("Advanced search"), "segments:of_audience", ("contacts.view_contact",), 10)
)
