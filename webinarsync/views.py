"""What people do on the dashboard."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from core.numbers import whole_number
from core.permissions import permitted
from webinars.models import Webinar
from webinarsync.to_do import Kind, mark_done


@permitted("webinars.view_webinar", "webinars.change_registration")
@require_POST
def to_do_done(request: HttpRequest, webinar_id: int, kind: str) -> HttpResponse:
    """Mark a line of *To do* as done, for as many as the page showed."""
    webinar = get_object_or_404(Webinar, pk=webinar_id)
    count = whole_number(request.POST.get("count"), most=10**9)
    if kind not in set(Kind) or count is None:
        raise Http404
    mark_done(webinar, Kind(kind), request.user.pk, count)
    return redirect("admin:index")
