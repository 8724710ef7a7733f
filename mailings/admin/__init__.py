"""Lists of mailings, templates and unsubscribed addresses."""

from mailings.admin.mailing import MailingAdmin, MailTemplateAdmin, SuppressionAdmin

__all__ = ["MailTemplateAdmin", "MailingAdmin", "SuppressionAdmin"]
