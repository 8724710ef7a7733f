"""The switches in the list of webinars, which save immediately."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from core.permissions import permitted
from webinars.models import Webinar
from webinars.switches import FIELDS, confirmation, set_switch


@permitted("webinars.view_webinar", "webinars.change_webinar")
@require_POST
def switch(request: HttpRequest, webinar_id: int, name: str, to: str) -> HttpResponse:
    """Turn a switch on or off, and respond to the script with JSON, or show the list again."""
    if name not in FIELDS or to not in {"on", "off"}:
        raise Http404
    try:
        webinar = set_switch(request, webinar_id, name, to == "on")
    except Webinar.DoesNotExist as error:
        raise Http404 from error
    except ValidationError as error:
        return _answer(request, " ".join(error.messages), refused=True)
    return _answer(request, confirmation(webinar, name, to == "on"))


def _answer(request: HttpRequest, sentence: str, refused: bool = False) -> HttpResponse:
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"text": sentence}, status=409 if refused else 200)
    (messages.error if refused else messages.success)(request, sentence)
    back = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure())
    if not back.startswith("/") or not is_ours:
        back = reverse("admin:webinars_webinar_changelist")
    return HttpResponseRedirect(back)
