"""The date and phase of a webinar, the same on every list and page."""

import datetime as dt
from enum import StrEnum
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core import dates
from webinars.models import Webinar


class Phase(StrEnum):
    """The value is part of a CSS class."""

    SCHEDULED = "scheduled"
    LIVE = "live"
    ENDED = "ended"
    ON_DEMAND = "on-demand"
    CANCELLED = "cancelled"
    FOREIGN = "foreign"

    @property
    def label(self) -> str:
        """The label."""
        return str(_LABELS[self])

    @property
    def tone(self) -> str:
        """The colour, as a tone of `webinars.statuses`; "" for plain."""
        return _TONES.get(self, "")


_LABELS = {
    Phase.SCHEDULED: _("Scheduled"),
    Phase.LIVE: _("Live"),
    Phase.ENDED: pgettext_lazy("one webinar", "Ended"),
    Phase.ON_DEMAND: _("On demand"),
    Phase.CANCELLED: pgettext_lazy("one webinar", "Cancelled"),
    Phase.FOREIGN: _("Another organizer's"),
}
_TONES = {Phase.SCHEDULED: "info", Phase.CANCELLED: "bad", Phase.FOREIGN: "warning"}
_OFF_THE_LIST = {Webinar.State.GONE: Phase.CANCELLED, Webinar.State.FOREIGN: Phase.FOREIGN}


def phase(webinar: Webinar, now: dt.datetime | None = None) -> Phase:
    """Return the phase of `webinar`; for a running series, that of its next date."""
    if not webinar.is_over and webinar.state in _OFF_THE_LIST:
        return _OFF_THE_LIST[Webinar.State(webinar.state)]
    if webinar.on_demand:
        return Phase.ON_DEMAND
    if webinar.is_over:
        return Phase.ENDED
    now = now or timezone.now()
    runs = any(start <= now < end for start, end in webinar.times_on_its_clock())
    return Phase.LIVE if runs else Phase.SCHEDULED


def when(webinar: Webinar) -> dict[str, Any]:
    """Return the date of `webinar` for templates, in both time zones."""
    starts = webinar.next_starts_at
    return {
        "starts": starts,
        "shown": dates.moment(starts) if starts else "",
        "own": dates.moment_at(starts, webinar.zone, webinar.zone_name) if starts else "",
    }
