"""What pages say about checks that a worker makes in HubSpot for them."""

import datetime as dt
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from core.messages import text
from destinations.hubspot import checks
from destinations.models import (
    HubSpotComparison,
    HubSpotFormList,
    HubSpotPreview,
    Portal,
)
from destinations.models.check import HubSpotCheck
from destinations.views.rights import may_see
from webinars.models import Webinar

State = HubSpotCheck.State
# Anyone who waits longer than this for a worker is told that none has come.
_SLOW = dt.timedelta(minutes=1)
# A page left open does not look again for ever.
_LOOKING = dt.timedelta(minutes=15)


def progress(portal: Portal, webinar: Webinar, *kinds: type[HubSpotCheck]) -> dict[str, Any]:
    """Return what a page says about the newest checks of `kinds`, and whether it looks again, as
    `destinations/progress.html` takes it."""
    found = [_answer(kind, checks.newest(kind, portal, webinar)) for kind in kinds]
    lines = [line for line in found if line]
    return {
        "progress": lines,
        "progress_of": kinds[0]._meta.model_name,
        "look_again": any(line["look_again"] for line in lines),
    }


def _answer(kind: type[HubSpotCheck], check: HubSpotCheck | None) -> dict[str, Any] | None:
    if check is None or check.state == State.DONE:
        return None
    now = timezone.now()
    if check.state == State.FAILED:
        return _problem(kind, check.error, check.platform_message)
    if check.state == State.RUNNING:
        if check.lease_until is not None and check.lease_until < now:
            return _problem(kind, text("job.ended"), "")
        return {"text": _running(kind), "look_again": True}
    waited = now - check.requested_at
    if waited < _SLOW:
        return {"text": _running(kind), "look_again": True}
    message = _(
        "HubSpot has not been asked yet. If this persists, ask the operator whether the background "
        "jobs are running."
    )
    return {"text": message, "look_again": waited < _LOOKING}


def _problem(kind: type[HubSpotCheck], problem: str, words: str) -> dict[str, Any]:
    if kind is HubSpotPreview:
        message = _("The preview failed. %(problem)s")
    elif kind is HubSpotFormList:
        message = _("The forms could not be read. %(problem)s")
    else:
        message = _("HubSpot's figures could not be read. %(problem)s")
    return {
        "text": message % {"problem": problem},
        "words": words,
        "failed": True,
        "look_again": False,
    }


def _running(kind: type[HubSpotCheck]) -> str:
    if kind is HubSpotPreview:
        return _("The preview is being prepared…")
    if kind is HubSpotFormList:
        return _("The forms in HubSpot are being read…")
    return _("Comparing with HubSpot…")


_KINDS: dict[str, tuple[type[HubSpotCheck], ...]] = {
    "hubspotcomparison": (HubSpotComparison, HubSpotPreview),
    "hubspotformlist": (HubSpotFormList,),
}


@require_GET
@may_see
def state(request: HttpRequest, webinar_id: int, kind: str) -> HttpResponse:
    """Show the lines about a webinar's checks alone: what an open page asks for again and
    again."""
    portal = Portal.objects.joined().first()
    if portal is None or kind not in _KINDS:
        raise Http404
    webinar = get_object_or_404(Webinar, pk=webinar_id)
    context = {"webinar": webinar, **progress(portal, webinar, *_KINDS[kind])}
    return TemplateResponse(request, "destinations/progress.html", context)
