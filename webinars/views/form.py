"""The public registration form of a webinar, and the page that tells what became of a posting."""

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from webinars.forms import RegistrationForm
from webinars.models import Registration, Submission, Webinar
from webinars.sync.intake import ErasedForGood, submit
from webinars.views.outcome import outcome_of

# A page lists so many times of a series; who runs more has a description for that.
_MOST_TIMES = 12


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def form(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the form; keep what is posted before anything else, then go to its answer page."""
    webinar = Webinar.objects.filter(slug=slug).first()
    if webinar is None or not webinar.form_enabled:
        return _closed(request, _("There is no registration form here"), status=404)
    if webinar.state == Webinar.State.GONE:
        return _closed(request, _("This webinar was cancelled"), webinar)
    if webinar.is_over:
        return _closed(request, _("This webinar is over"), webinar)
    filled = RegistrationForm(request.POST or None)
    if request.method == "POST" and filled.is_valid():
        try:
            submission = submit(webinar, filled.given())
        except ErasedForGood:
            return render(request, "webinars/public/erased.html", _about(webinar))
        return redirect("webinars:answer", slug, submission.secret)
    status = 200 if request.method != "POST" else 422
    return render(
        request, "webinars/public/form.html", _about(webinar) | {"form": filled}, status=status
    )


@never_cache
@require_safe
def answer(request: HttpRequest, slug: str, secret: str) -> HttpResponse:
    """Tell whoever has the secret of a posting what became of it."""
    submission = get_object_or_404(
        Submission.objects.select_related("registration__webinar"),
        secret=secret,
        registration__webinar__slug=slug,
    )
    registration = submission.registration
    context = _about(registration.webinar) | {
        "outcome": outcome_of(registration, own=_is_own(submission)),
        "name": submission.given.get("first_name", ""),
    }
    return render(request, "webinars/public/answer.html", context)


def _is_own(submission: Submission) -> bool:
    """Say whether the registration came to be by this very posting.

    Anybody can type anybody's address, so only then may its join link be shown.
    """
    registration = submission.registration
    earlier = registration.submissions.filter(pk__lt=submission.pk)
    return registration.source == Registration.Source.FORM and not earlier.exists()


def _about(webinar: Webinar) -> dict[str, object]:
    """Return what each of these pages says of its webinar."""
    return {"webinar": webinar, "times": _times(webinar)}


def _times(webinar: Webinar) -> list[tuple[dt.datetime, dt.datetime]]:
    """Return start and end of each time the webinar runs, on its own clock."""
    own = webinar.zone
    pairs = [
        (dt.datetime.fromisoformat(start).astimezone(own), dt.datetime.fromisoformat(end))
        for start, end in webinar.times[:_MOST_TIMES]
    ]
    return [(start, end.astimezone(own)) for start, end in pairs]


def _closed(
    request: HttpRequest, title: str, webinar: Webinar | None = None, status: int = 410
) -> HttpResponse:
    context = {"title": title} | (_about(webinar) if webinar else {})
    return render(request, "webinars/public/closed.html", context, status=status)
