"""Links from the list of contacts to the search and to saved segments."""

from django.utils.translation import gettext_lazy as _

from contacts.panels import contact_panels
from core.panels import Link

_SEE = ("contacts.view_contact",)
contact_panels.list_links.register(Link(_("Advanced search"), "segments:find", _SEE, order=10))
contact_panels.list_links.register(Link(_("Segments"), "segments:segments", _SEE, order=20))
