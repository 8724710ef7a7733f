"""A button on the list of contacts to import files, for users who may add and change contacts."""

from django.utils.translation import gettext_lazy as _

from contacts.panels import contact_panels
from core.panels import Link

contact_panels.list_links.register(
    Link(
        _("Import"),
        "contact_imports:imports",
        ("contacts.add_contact", "contacts.change_contact"),
        order=30,
    )
)
