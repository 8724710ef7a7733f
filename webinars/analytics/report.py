"""The charts of a webinar's report."""

from collections.abc import Mapping

from webinars.analytics.attendance_curve import in_the_room, minutes_attended
from webinars.analytics.chart import Chart
from webinars.analytics.funnel import Funnel, Stays, funnel_chart
from webinars.analytics.registration_pace import over_time
from webinars.models import Webinar


def charts(webinar: Webinar, funnel: Funnel, stays: Mapping[int, Stays]) -> list[Chart]:
    """Return the charts of `webinar`; those of attendance only after a session."""
    if webinar.last_session_ended_at is None:
        return [over_time(webinar)]
    minutes = stays.get(webinar.pk, Stays()).minutes
    return [
        funnel_chart(webinar, funnel),
        in_the_room(webinar),
        minutes_attended(minutes),
        over_time(webinar),
    ]
