"""Contacts and their timeline."""

from contacts.models.activity import Activity
from contacts.models.consent import Consent
from contacts.models.contact import PROPERTIES, Contact
from contacts.models.merge import AlternateEmail, Merge
from contacts.models.opt_out import OptOut
from contacts.models.tag import LONGEST_TAG, ContactTag, Tag, tag_key
from contacts.models.tombstone import Tombstone

__all__ = [
    "LONGEST_TAG",
    "PROPERTIES",
    "Activity",
    "Consent",
    "Contact",
    "ContactTag",
    "AlternateEmail",
    "Merge",
    "OptOut",
    "Tag",
    "Tombstone",
    "tag_key",
]
