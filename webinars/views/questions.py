"""The page of a webinar's questions, polls and surveys."""

from collections.abc import Iterator
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from contacts.models import Activity, Contact
from contacts.people_actions import bar_actions, run_action
from core.audit import FilterValue, log_change, log_export
from core.csv_export import csv_file
from core.filter_chips import without
from core.people_filters import select_nobody
from core.permissions import permitted
from webinars.analytics.questions import mark_answered, polls, unanswered
from webinars.analytics.questions import questions as asked_in
from webinars.models import Webinar

PAGE = 50
_OPEN = "unanswered"


@require_http_methods(["GET", "POST"])
@permitted("webinars.view_registration")
def questions(request: HttpRequest, webinar_id: int) -> HttpResponseBase:
    """Show the questions, all or the unanswered ones, and the answers to polls, or run an action on
    the people selected."""
    webinar = get_object_or_404(Webinar, pk=webinar_id)
    everything = asked_in(webinar)
    shown = _shown(request, everything)
    actions = bar_actions(request, (), _who_asked)
    if request.method == "POST":
        done = run_action(request, actions, shown, "contact")
        page = reverse("webinars:questions", args=[webinar.pk])
        return done or redirect(f"{page}?{request.GET.urlencode()}")
    context: dict[str, Any] = {
        "title": webinar.subject,
        "subtitle": _("Q&A and polls"),
        "webinar": webinar,
        "all": everything.count(),
        "open": unanswered(everything).count(),
        "only_open": request.GET.get("show") == _OPEN,
        "actions": actions,
        "people_count": _who_asked(shown).count(),
        "page": Paginator(shown, PAGE).get_page(request.GET.get("page")),
        "polls": polls(webinar),
        "query": without(request.GET),
    }
    return TemplateResponse(request, "webinars/questions.html", context)


def _who_asked(asked: QuerySet[Activity]) -> QuerySet[Contact]:
    return Contact.objects.filter(pk__in=asked.order_by().values("contact"))


@permitted("webinars.view_registration", "webinars.change_registration")
@require_POST
def answered(request: HttpRequest, webinar_id: int, question_id: int) -> HttpResponse:
    """Mark a question as answered, for example by email."""
    webinar = get_object_or_404(Webinar, pk=webinar_id)
    if mark_answered(asked_in(webinar).filter(pk=question_id)):
        log_change(request.user.pk, webinar, "audit.question-answered")
    return redirect(f"{reverse('webinars:questions', args=[webinar.pk])}?show={_OPEN}")


@require_GET
@permitted("webinars.view_registration")
def export(request: HttpRequest, webinar_id: int) -> HttpResponseBase:
    """Export the questions shown as CSV."""
    webinar = get_object_or_404(Webinar, pk=webinar_id)
    if request.GET.get("show", "") not in ("", _OPEN):
        page = reverse("webinars:questions", args=[webinar.pk])
        return redirect(f"{page}?{request.GET.urlencode()}")
    headings = [
        _("Asked"),
        _("Name"),
        _("Email"),
        _("Question"),
        _("Answer"),
        _("Answered by"),
    ]
    shown = _shown(request, asked_in(webinar))
    filters = {"show": FilterValue.CODE}
    log_export(request, webinar, "audit.questions-exported", count=shown.count(), filters=filters)
    return csv_file(f"{webinar.slug}-questions.csv", headings, _rows(shown))


def _shown(request: HttpRequest, everything: QuerySet[Activity]) -> QuerySet[Activity]:
    chosen = request.GET.get("show", "")
    if chosen == _OPEN:
        return unanswered(everything)
    return select_nobody(request, everything, _("Show")) if chosen else everything


def _rows(asked: QuerySet[Activity]) -> Iterator[tuple[object, ...]]:
    for item in asked.iterator(chunk_size=2000):
        answers = item.data.get("answers", [])
        yield (
            item.happened_at.isoformat(),
            item.contact.full_name,
            item.contact.email,
            item.data.get("question", ""),
            " / ".join(str(answer.get("answer", "")) for answer in answers),
            " / ".join(str(answer.get("answered_by") or "") for answer in answers),
        )
