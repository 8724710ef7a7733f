"""What can be done with an audience of a webinar: search among its people, and further ones."""

from django.utils.translation import gettext_lazy as _

from core.panels import Link
from webinars.panels import audience_links

audience_links.register(
    Link(_("Advanced search"), "segments:of_audience", ("contacts.view_contact",), 10)
)
