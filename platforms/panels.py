"""What packages above show of connections.

They register it in a file `connection_panels.py`, which is found by its name.
"""

from dataclasses import dataclass

from django.urls import reverse

from core.panels import Registry
from platforms.models import Connection


@dataclass(frozen=True, eq=False)
class ConnectionPage:
    """The page of a connection, with the URL name `to`."""

    to: str
    order: int = 0


# Lists lead to the first of them.
connection_pages: Registry[ConnectionPage] = Registry()


def address_of(connection: Connection) -> str:
    """Return the address of the page of `connection`, or of the list where it has none."""
    for page in connection_pages:
        return reverse(page.to, args=[connection.pk])
    return reverse("admin:platforms_connection_changelist")
