"""The endpoint for webhook events: one secret URL a connection, with a fast response."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from core.body_limits import limits_itself
from core.numbers import whole_number
from platforms import registry
from platforms.webhooks import receive
from platforms.webhooks.receive import LARGEST, Verdict

_STATUS = {Verdict.FORGED: 403, Verdict.MALFORMED: 400, Verdict.OVERSIZED: 413}


@limits_itself
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def webhook(request: HttpRequest, path: str) -> HttpResponse:
    """Respond 200 to the platform's check of the URL; store an event before responding.

    400 for an invalid event, 403 for an invalid signature, 413 for a body that is too large; a
    duplicate event gets 200 again.
    """
    setup = receive.setup_at(path)
    if setup is None:
        raise Http404
    if request.method != "POST":
        return _plain_text("This is where GoToWebinar tells what has changed.", 200)
    if whole_number(request.META.get("CONTENT_LENGTH") or "0", LARGEST) is None:
        verdict = receive.refuse_oversized(setup)
    else:
        signature = request.headers.get(registry.platform_of(setup.connection).signature_header)
        verdict = receive.receive_event(setup, request.body, signature)
    return _plain_text(verdict.value, _STATUS.get(verdict, 200))


def _plain_text(text: str, status: int) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain")
