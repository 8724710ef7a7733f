"""Email templates, mailings and their recipients."""

from mailings.models.mailing import Mailing, Recipient
from mailings.models.template import MailTemplate

__all__ = ["MailTemplate", "Mailing", "Recipient"]
