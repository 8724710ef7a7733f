"""An action on the contacts found: email them."""

from django.utils.translation import gettext_lazy as _

from core.panels import Link
from segments.panels import found_links

found_links.register(
    Link(
        _("Email these people"),
        "mailings:write_to_search",
        ("mailings.add_mailing",),
        posts=True,
    )
)
