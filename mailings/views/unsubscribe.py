"""The public page behind the unsubscribe link of each email."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from core.public_pages import other_languages, public_page
from mailings.opt_outs import is_ours, unsubscribe


@require_http_methods(["GET", "HEAD", "POST"])
@public_page
def unsubscribing(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for confirmation on GET, because mail scanners follow links; unsubscribe on POST, which
    mail programs also send for their own unsubscribe button (RFC 8058)."""
    if not is_ours(token):
        return render(request, "mailings/public/unknown.html", status=404)
    done = request.method == "POST" and unsubscribe(token)
    context = {"done": done, "languages": other_languages(request)}
    return render(request, "mailings/public/unsubscribe.html", context)


@require_safe
@public_page
def example_link(request: HttpRequest) -> HttpResponse:
    """Say that a link in a test email does nothing."""
    return render(
        request, "mailings/public/example_link.html", {"languages": other_languages(request)}
    )
