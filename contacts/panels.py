"""What packages above add to the pages of contacts.

They register it in a file `contact_panels.py`, which is discovered by its name.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from contacts.models import Contact
from core.figures import Figure
from core.panels import Panels, Registry, Requirement, Section


@dataclass(frozen=True, eq=False)
class Facts:
    """Figures of a contact: those on its page, and labels with values to compare two contacts
    before a merge."""

    figures: Callable[[Contact], Sequence[Figure]]
    compared: Callable[[Contact], Sequence[tuple[Any, Any]]]
    order: int = 0


@dataclass(frozen=True, eq=False)
class DeletedRows:
    """What is deleted with contacts, as text such as "4 registrations"; zero counts are left
    out."""

    counted: Callable[[QuerySet[Contact]], Sequence[str]]
    order: int = 0


@dataclass(frozen=True, eq=False)
class TimelineLinks:
    """Where the groups of a contact's timeline link to, by the key of their webinar."""

    addresses: Callable[[Contact], Mapping[str, str]]
    order: int = 0


# The list of contacts; the page of a contact, whose own part is the form.
contact_panels = Panels.empty()
# Figures before the contact's own, and after.
facts: Registry[Facts] = Registry()
timeline_links: Registry[TimelineLinks] = Registry()
deleted_rows: Registry[DeletedRows] = Registry()
# What a merge means for a pair of contacts: sections of (the one that stays, the one that goes).
merge_sections: Registry[Section] = Registry()
# Permissions required for the personal-data file, which covers more than the contact.
personal_data_requirements: Registry[Requirement] = Registry()
# Permissions required for the data-retention page.
retention_requirements: Registry[Requirement] = Registry()
