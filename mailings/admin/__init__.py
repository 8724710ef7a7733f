"""Lists of mailings, templates and unsubscribed addresses."""

from mailings.admin.lists import MailingAdmin, MailTemplateAdmin, SuppressionAdmin

__all__ = ["MailTemplateAdmin", "MailingAdmin", "SuppressionAdmin"]
