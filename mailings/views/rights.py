"""Who writes to people, who steers a mailing that is being sent, and who looks at it."""

from core.permissions import permitted

may_write = permitted("mailings.add_mailing")
may_steer = permitted("mailings.change_mailing")
may_see = permitted("mailings.view_mailing")
may_see_and_write = permitted("mailings.view_mailing", post=["mailings.add_mailing"])
