"""The pictures of a webinar's overview."""

from webinars.analytics.attendance_curve import in_the_room, minutes_attended
from webinars.analytics.chart import Chart
from webinars.analytics.funnel import Stays, funnel_chart, funnels, stays_by_webinar
from webinars.analytics.registration_pace import over_time
from webinars.models import Webinar


def charts(webinar: Webinar) -> list[Chart]:
    """Return what is drawn of `webinar`; who came and stayed only when a session has run."""
    stays = stays_by_webinar([webinar])
    funnel = funnels([webinar], stays)[webinar.pk]
    shown = [funnel_chart(webinar, funnel), over_time(webinar)]
    if webinar.last_session_ended_at is not None:
        shown += [minutes_attended(stays.get(webinar.pk, Stays()).minutes), in_the_room(webinar)]
    return shown
