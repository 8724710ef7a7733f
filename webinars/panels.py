"""What packages above show on the pages of webinars, and do there.

They register it in a file `webinar_panels.py`, which is found by its name.
"""

from dataclasses import dataclass
from typing import Any

from core.panels import Link, Panels, Registry


@dataclass(frozen=True, eq=False)
class Tab(Link):
    """A page of a webinar: its name among the tabs, and what its address has after the webinar."""

    name: str = ""
    args: tuple[Any, ...] = ()


# The webinar's own page is the first of the tabs.
tabs: Registry[Tab] = Registry()
# The list of webinars, and a webinar's page.
webinar_panels = Panels.empty()
# What can be done with an audience as it is filtered; the address takes webinar and audience.
audience_links: Registry[Link] = Registry()
# What can be done with one registration.
registration_links: Registry[Link] = Registry()
