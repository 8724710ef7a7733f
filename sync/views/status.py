"""The status of a background job for a page."""

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from core.messages import text
from sync.models import OnDemandJob

State = OnDemandJob.State

# After this time without a worker the page says so.
_SLOW = dt.timedelta(minutes=1)
# A page left open stops refreshing.
_LOOKING = dt.timedelta(minutes=15)


def status(newest: OnDemandJob | None) -> dict[str, Any]:
    """Return what the page says about the last requested job, and whether the page refreshes."""
    if newest is None or newest.state == State.DONE:
        return {}
    now = timezone.now()
    if newest.state == State.FAILED:
        return {"problem": newest.error, "platform_message": newest.platform_message}
    if newest.state == State.RUNNING:
        if newest.lease_until is not None and newest.lease_until < now:
            return {"problem": text("job.ended")}
        return {"checking": _("Checking both lists now…"), "look_again": True}
    waited = now - newest.requested_at
    if waited < _SLOW:
        return {"checking": _("Checking both lists in a moment…"), "look_again": True}
    return {
        "checking": _(
            "This check has not started yet. If this persists, ask the operator whether "
            "the background jobs are running."
        ),
        "look_again": waited < _LOOKING,
    }
