"""What packages above show on the pages of webinars, and do there.

They register it in a file `webinar_panels.py`, which is found by its name.
"""

from dataclasses import dataclass
from typing import Any

from core.panels import Link, Panels, Registry, Section


@dataclass(frozen=True, eq=False)
class Tab(Link):
    """A page of a webinar: its name among the tabs, and what its address has after the webinar."""

    name: str = ""
    args: tuple[Any, ...] = ()
    query: str = ""

    def address_of(self, webinar_id: int) -> str:
        """Return the address of this page of a webinar."""
        return self.address(webinar_id, *self.args) + self.query


# The report is the first of the tabs.
tabs: Registry[Tab] = Registry()
# What stands above the tabs, on every page of a webinar: its status, and what can be done.
header: Registry[Section] = Registry()
# The list of webinars, and a webinar's page.
webinar_panels = Panels.empty()
# What can be done with an audience as it is filtered; the address takes webinar and audience, and
# `applies` both of them as a pair.
audience_links: Registry[Link] = Registry()
# What can be done with one registration.
registration_links: Registry[Link] = Registry()
