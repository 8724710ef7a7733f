"""People and their timeline."""

from contacts.models.activity import Activity
from contacts.models.contact import PROPERTIES, Contact
from contacts.models.merge import FurtherEmail, Merge
from contacts.models.opt_out import OptOut
from contacts.models.tombstone import Tombstone

__all__ = ["PROPERTIES", "Activity", "Contact", "FurtherEmail", "Merge", "OptOut", "Tombstone"]
