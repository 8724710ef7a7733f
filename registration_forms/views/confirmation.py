"""The page with the status of a registration, for people with the secret of its submission."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from core.public_pages import public_page
from registration_forms import ics
from registration_forms.models import Submission
from registration_forms.outcome import Outcome, outcome_of
from registration_forms.views.form import about
from webinars.models import Registration

State = Registration.State


@require_safe
@public_page
def answer(request: HttpRequest, slug: str, secret: str) -> HttpResponse:
    """Show the status of the registration; the page can be opened at any time."""
    submission = _submission(slug, secret)
    registration = submission.registration
    outcome = _outcome(submission)
    context = about(request, registration.webinar) | {
        "outcome": outcome,
        "mark": _mark(submission, outcome),
        "name": submission.submitted.get("first_name", ""),
        "secret": secret,
        "registered": registration.state == State.REGISTERED and not submission.status_hidden,
    }
    return render(request, "registration_forms/public/confirmation.html", context)


@require_safe
@public_page
def status(request: HttpRequest, slug: str, secret: str) -> HttpResponse:
    """Return a mark that changes with the status, which the page polls."""
    submission = _submission(slug, secret)
    return JsonResponse({"mark": _mark(submission, _outcome(submission))})


@require_safe
@public_page
def calendar(request: HttpRequest, slug: str, secret: str) -> HttpResponse:
    """Send the webinar's calendar file, with the join link if it belongs to this submission."""
    submission = _submission(slug, secret)
    registration = submission.registration
    join_url = registration.join_url if submission.made_registration else ""
    if registration.state != State.REGISTERED:
        join_url = ""
    body = ics.build_ics(registration.webinar, join_url=join_url, since=submission.submitted_at)
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{slug}.ics"'
    return response


def _submission(slug: str, secret: str) -> Submission:
    return get_object_or_404(
        Submission.objects.select_related("registration__webinar"),
        secret=secret,
        registration__webinar__slug=slug,
    )


def _outcome(submission: Submission) -> Outcome:
    return outcome_of(
        submission.registration,
        created_by_form=submission.made_registration,
        status_hidden=submission.status_hidden,
    )


def _mark(submission: Submission, outcome: Outcome) -> str:
    state = "" if submission.status_hidden else submission.registration.state
    return f"{state}:{outcome.title}:{bool(outcome.join_url)}"
