"""Contacts and their timeline."""

from contacts.models.activity import Activity
from contacts.models.consent import Consent
from contacts.models.contact import PROPERTIES, Contact
from contacts.models.merge import AlternateEmail, Merge
from contacts.models.opt_out import OptOut
from contacts.models.saved_view import ChosenColumns, ListName, SavedView
from contacts.models.tag import LONGEST_TAG, ContactTag, Tag, tag_key
from contacts.models.tombstone import Tombstone

__all__ = [
    "LONGEST_TAG",
    "PROPERTIES",
    "Activity",
    "ChosenColumns",
    "Consent",
    "Contact",
    "ContactTag",
    "AlternateEmail",
    "Merge",
    "OptOut",
    "ListName",
    "SavedView",
    "Tag",
    "Tombstone",
    "tag_key",
]
