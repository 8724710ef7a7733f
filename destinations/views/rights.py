"""Who may see and change what is sent of a webinar, and the row of it."""

from django.http import Http404
from django.shortcuts import get_object_or_404

from core.permissions import permitted
from destinations.hubspot.switch import handover_of
from destinations.models import Portal, WebinarHandover
from webinars.models import Webinar

may_see = permitted("destinations.view_portal", "webinars.view_registration")
may_change = permitted(
    "destinations.view_portal", "webinars.view_registration", "webinars.change_webinar"
)
PAGE = "destinations:webinar_in_hubspot"


def handover_or_404(webinar_id: int) -> WebinarHandover:
    """Return the row of a webinar in the portal that is joined. Raises Http404 without one."""
    portal = Portal.objects.joined().first()
    if portal is None:
        raise Http404
    webinar = get_object_or_404(Webinar.objects.select_related("connection"), pk=webinar_id)
    return handover_of(portal, webinar)
