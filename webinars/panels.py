"""What packages above add to the pages of webinars.

They register it in a file `webinar_panels.py`, which is discovered by its name.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.panels import Link, Panels, Registry, Section


@dataclass(frozen=True, eq=False)
class Tab(Link):
    """A page of a webinar: the label of its tab, and the URL name."""

    name: str = ""
    args: tuple[Any, ...] = ()
    query: str = ""

    def address_of(self, webinar_id: int) -> str:
        """Return the URL of this page of a webinar."""
        return self.address(webinar_id, *self.args) + self.query


@dataclass(frozen=True, eq=False)
class AudienceAction:
    """What can be done with chosen people of an audience: `run` gets the webinar, the audience, the
    request and the registrations. It takes the place of the action of contacts with its name."""

    name: str
    label: Any
    permission: str
    run: Callable[..., Any]
    order: int = 0


# The report is the first tab.
tabs: Registry[Tab] = Registry()
# Above the tabs, on every page of a webinar: its status, and actions.
header: Registry[Section] = Registry()
# The list of webinars, and the page of a webinar.
webinar_panels = Panels.empty()
# Actions on a filtered audience; the URL takes webinar and audience, `applies` both of them as a
# pair.
audience_links: Registry[Link] = Registry()
# Actions on selected people of an audience.
audience_actions: Registry[AudienceAction] = Registry()
# Actions on one registration.
registration_links: Registry[Link] = Registry()
