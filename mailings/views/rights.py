"""The permissions to write emails, to control one being sent, and to see them."""

from core.permissions import permitted

may_write = permitted("mailings.add_mailing")
may_steer = permitted("mailings.change_mailing")
may_see = permitted("mailings.view_mailing")
may_see_and_write = permitted("mailings.view_mailing", post=["mailings.add_mailing"])
