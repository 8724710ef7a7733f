"""Mail templates, mailings with a row for each recipient, and who wants no emails."""

from mailings.models.mailing import Mailing, Recipient
from mailings.models.template import MailTemplate

__all__ = ["MailTemplate", "Mailing", "Recipient"]
