"""What packages above show on the pages of contacts, and do there.

They register it in a file `contact_panels.py`, which is found by its name.
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
    """Figures of a contact: those on their page, and labels with values that are shown side by side
    where two contacts are merged."""

    figures: Callable[[Contact], Sequence[Figure]]
    compared: Callable[[Contact], Sequence[tuple[Any, Any]]]
    order: int = 0


@dataclass(frozen=True, eq=False)
class DeletedRows:
    """What is deleted with contacts, in words such as "4 registrations"; what is none is left
    out."""

    counted: Callable[[QuerySet[Contact]], Sequence[str]]
    order: int = 0


@dataclass(frozen=True, eq=False)
class TimelineLinks:
    """Where the groups of a contact's timeline lead to, by the key of their webinar."""

    addresses: Callable[[Contact], Mapping[str, str]]
    order: int = 0


# The list of contacts; a contact's page, whose own part is the form.
contact_panels = Panels.empty()
# Those before the contact's own, and those after.
facts: Registry[Facts] = Registry()
timeline_links: Registry[TimelineLinks] = Registry()
deleted_rows: Registry[DeletedRows] = Registry()
# What a merge of two contacts means: sections of the pair (who stays, who goes).
merge_sections: Registry[Section] = Registry()
# What the file with everything about a person asks for, as it tells of more than the contact.
personal_data_requirements: Registry[Requirement] = Registry()
# What the page of who is forgotten next asks for.
retention_requirements: Registry[Requirement] = Registry()
