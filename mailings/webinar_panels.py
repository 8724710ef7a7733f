"""What can be done with an audience: write to it."""

from django.utils.translation import gettext_lazy as _

from core.panels import Link
from webinars.panels import audience_links

audience_links.register(
    Link(
        _("Email these people"),
        "mailings:write_to_audience",
        ("mailings.add_mailing",),
        posts=True,
    )
)
