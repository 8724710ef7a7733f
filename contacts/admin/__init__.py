"""The admin pages of contacts."""

from contacts.admin.contact import ContactAdmin
from contacts.admin.tag import TagAdmin

__all__ = ["ContactAdmin", "TagAdmin"]
