"""The admin pages of mailings, templates and opt-outs."""

from mailings.admin.mailing import MailingAdmin, MailTemplateAdmin
from mailings.admin.opt_out import OptOutAdmin

__all__ = ["MailTemplateAdmin", "MailingAdmin", "OptOutAdmin"]
