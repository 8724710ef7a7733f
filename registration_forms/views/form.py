"""The public registration form of a webinar. Submissions are saved first, then pushed, and never
refused because the webinar is full."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from core.public_pages import carried, other_languages, public_page
from platforms.records import SERIES
from registration_forms import address_confirmation, public, spam_protection
from registration_forms.models import Submission
from registration_forms.outcome import waiting_list_promise
from registration_forms.public import PublicForm
from registration_forms.registrations import submit
from webinars.models import Webinar
from webinars.waitlist import leads_to_waiting_list

# How many dates of a series are offered.
_MOST_OCCURRENCES = 60


@require_http_methods(["GET", "HEAD", "POST"])
@public_page
def form(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the form; save a submission, then redirect to its confirmation page."""
    webinar = Webinar.objects.filter(slug=slug).first()
    if webinar is None or not webinar.form_enabled:
        return _closed(request, _("There is no registration form here"), status=404)
    if webinar.state == Webinar.State.GONE:
        return _closed(request, _("This webinar was cancelled"), webinar)
    if webinar.is_over:
        return _closed(request, _("This webinar is over"), webinar)
    if not webinar.takes_registrations:
        return _closed(request, _("There is no registration form here"), status=404)
    occurrences = occurrences_of(webinar)
    chosen = _chosen(request, webinar, occurrences)
    earlier = _earlier(request)
    if request.method != "POST":
        initial = public.from_query(webinar, request.GET)
        initial |= public.from_submission(webinar, earlier)
        initial["referrer"] = request.GET.get("referrer") or request.headers.get("Referer", "")
        return _show(request, PublicForm(webinar, initial=initial, occurrences=occurrences))
    filled = PublicForm(chosen, request.POST, occurrences=occurrences)
    if not filled.is_valid():
        return _show(request, filled, status=422)
    sender = spam_protection.sender_hash(request)
    email = filled.cleaned_data["email"]
    wait = spam_protection.throttle_seconds(sender, email, earlier)
    status_hidden = spam_protection.known_people_limit_reached(sender)
    # A confirmation link is used up only by a submission that needs it.
    if (wait or status_hidden) and address_confirmation.is_confirmed(
        request.GET.get("confirmed"), email
    ):
        wait, status_hidden = 0, False
    if wait:
        mailed = address_confirmation.request_link(chosen, email, sender)
        return _busy(request, filled, wait, mailed=mailed)
    submission = submit(
        chosen,
        filled.posting(request.GET, sender=sender, corrects=earlier, status_hidden=status_hidden),
    )
    answer = reverse("registration_forms:answer", args=[chosen.slug, submission.secret])
    return redirect(answer + carried(request))


def occurrences_of(webinar: Webinar) -> list[Webinar]:
    """Return the upcoming dates of the series of `webinar`; empty for a single one."""
    if not webinar.recurrence_key or webinar.recurrence_type.lower() != SERIES:
        return []
    rows = (
        Webinar.objects.taking_registrations(timezone.now())
        .filter(
            connection=webinar.connection_id,
            recurrence_key=webinar.recurrence_key,
        )
        .soonest_first()
    )
    found = list(rows[:_MOST_OCCURRENCES])
    return found if len(found) > 1 else []


def _chosen(request: HttpRequest, webinar: Webinar, occurrences: list[Webinar]) -> Webinar:
    wanted = request.POST.get("occurrence")
    return next((item for item in occurrences if item.slug == wanted), webinar)


def _earlier(request: HttpRequest) -> Submission | None:
    """Return the submission that is being corrected: whoever knows its secret may see it again."""
    secret = request.GET.get("again")
    return (
        Submission.objects.select_related("registration").filter(secret=secret).first()
        if secret
        else None
    )


def about(request: HttpRequest, webinar: Webinar) -> dict[str, object]:
    """Return the context of the webinar for these pages."""
    return {
        "webinar": webinar,
        "times": webinar.times_on_its_clock(),
        "embedded": "embed" in request.GET,
        "carried": carried(request),
        "languages": other_languages(request),
    }


def _show(request: HttpRequest, filled: PublicForm, status: int = 200) -> HttpResponse:
    webinars = filled.occurrences or [filled.webinar]
    full = all(leads_to_waiting_list(webinar) for webinar in webinars)
    context = about(request, filled.webinar) | {
        "form": filled,
        "waiting_list": waiting_list_promise(filled.webinar) if full else "",
    }
    return render(request, "registration_forms/public/form.html", context, status=status)


def _busy(request: HttpRequest, filled: PublicForm, wait: int, *, mailed: bool) -> HttpResponse:
    minutes = -(-wait // 60)
    sentence = ngettext(
        "Many registrations came from here in a short time. Nothing is lost: please press the "
        "button again in %(minutes)d minute.",
        "Many registrations came from here in a short time. Nothing is lost: please press the "
        "button again in %(minutes)d minutes.",
        minutes,
    )
    filled.add_error(None, sentence % {"minutes": minutes})
    if mailed:
        link = _(
            "Or do not wait: we are sending a link to this address that lets you register now."
        )
        filled.add_error(None, link)
    response = _show(request, filled, status=429)
    response["Retry-After"] = str(wait)
    return response


def _closed(
    request: HttpRequest, title: str, webinar: Webinar | None = None, status: int = 410
) -> HttpResponse:
    context: dict[str, object] = {"title": title, "languages": other_languages(request)}
    if webinar is not None:
        context |= about(request, webinar) | {"following": next_webinar(webinar)}
    return render(request, "registration_forms/public/closed.html", context, status=status)


def next_webinar(webinar: Webinar) -> Webinar | None:
    """Return what to offer instead of `webinar`: the next date of its series, else the next webinar
    that is open for registration."""
    open_forms = Webinar.objects.taking_registrations(timezone.now())
    to_come = open_forms.filter(connection=webinar.connection_id).soonest_first()
    of_series = to_come.filter(recurrence_key=webinar.recurrence_key)
    return (of_series.first() if webinar.recurrence_key else None) or to_come.first()
