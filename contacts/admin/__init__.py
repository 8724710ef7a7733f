"""What marketers touch of contacts."""

from contacts.admin.contact import ContactAdmin

__all__ = ["ContactAdmin"]
