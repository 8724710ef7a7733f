"""Repairing the rejected registrations of a webinar together, and what became of them."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from core.numbers import whole_number
from core.permissions import permitted
from registration_forms.repair import AT_ONCE, Cause, RepairForm, causes, moment_posted, resend
from webinars.audiences import Audience, members
from webinars.models import Registration, Webinar
from webinars.statuses import with_status

PAGE = 100
# So many people of a cause have fields of their own; the others get the answer for all.
_SHOWN = 50
_SESSION = "resent-registrations"
# So many of those sent again are listed.
_MOST_LISTED = 1000

may_repair = permitted("webinars.view_registration", "webinars.change_registration")


@dataclass(frozen=True, slots=True)
class CauseForm:
    """A cause with its form: the fields for all, and a row for each of the first people."""

    cause: Cause
    for_all: RepairForm
    rows: list[tuple[Registration, RepairForm]]

    @classmethod
    def of(cls, webinar: Webinar, cause: Cause, data: QueryDict | None = None) -> "CauseForm":
        """Return the form of `cause`, filled in where it was posted; the rows are those that were
        posted, as others may have been added since."""
        people = cause.registrations
        if data is not None:
            people = [row for row in people if f"seen-{row.pk}" in data]
        return cls(
            cause,
            RepairForm.for_all(webinar, cause, data),
            [(row, RepairForm.for_person(webinar, cause, row, data)) for row in people[:_SHOWN]],
        )

    def is_valid(self) -> bool:
        forms = [self.for_all, *(form for _row, form in self.rows)]
        return all(form.is_valid() for form in forms)

    @property
    def hidden_people(self) -> int:
        """Return how many people of the cause are not shown."""
        return len(self.cause.registrations) - len(self.rows)


@require_http_methods(["GET", "POST"])
@may_repair
def repair(request: HttpRequest, webinar_id: int) -> HttpResponse:
    """Show the rejected registrations by cause; take what one lacked, and send these again."""
    webinar = get_object_or_404(Webinar, pk=webinar_id)
    found = causes(webinar) if webinar.is_to_come else []
    if not found:
        messages.info(request, _("There is nothing to fix: these registrations have moved on."))
        return redirect("webinars:audience", webinar.pk, Audience.REJECTED.value)
    posted = None
    if request.method == "POST":
        cause = next((item for item in found if item.key == request.POST.get("cause")), None)
        if cause is None:
            messages.info(request, _("There is nothing to fix: these registrations have moved on."))
            return redirect("registration_forms:repair", webinar.pk)
        posted = CauseForm.of(webinar, cause, request.POST)
        if posted.is_valid():
            return _resent(request, webinar, posted)
    forms = [
        posted if posted is not None and cause is posted.cause else CauseForm.of(webinar, cause)
        for cause in found
    ]
    context = {
        "title": webinar.subject,
        "subtitle": _("Rejected registrations"),
        "webinar": webinar,
        "forms": forms,
        "later": max(0, members(webinar, Audience.REJECTED).count() - AT_ONCE),
        "failed": posted,
    }
    status = 422 if posted else 200
    return TemplateResponse(request, "registration_forms/repair.html", context, status=status)


def _resent(request: HttpRequest, webinar: Webinar, posted: CauseForm) -> HttpResponse:
    """Send the registrations of a valid form again, and lead to what becomes of them."""
    done = resend(
        webinar,
        posted.cause,
        posted.for_all.submitted(),
        {row.pk: form.submitted() for row, form in posted.rows},
        _seen(request.POST),
    )
    if done.incomplete:
        message = ngettext(
            "%(count)d person still lacks an answer and was not sent again.",
            "%(count)d people still lack an answer and were not sent again.",
            done.incomplete,
        )
        messages.warning(request, message % {"count": done.incomplete})
    if done.changed:
        message = ngettext(
            "%(count)d registration was changed by a colleague in the meantime and left as it is.",
            "%(count)d registrations were changed by a colleague in the meantime and left as "
            "they are.",
            done.changed,
        )
        messages.warning(request, message % {"count": done.changed})
    if not done.sent:
        return redirect("registration_forms:repair", webinar.pk)
    request.session[_SESSION] = {"webinar": webinar.pk, "sent": done.sent[:_MOST_LISTED]}
    message = ngettext(
        "%(count)d registration is being sent again.",
        "%(count)d registrations are being sent again.",
        len(done.sent),
    )
    messages.success(request, message % {"count": len(done.sent)})
    return redirect("registration_forms:resent", webinar.pk)


def _seen(posted: QueryDict) -> dict[int, dt.datetime | None]:
    """Return which registrations the page showed, and since when each was as it showed them."""
    found: dict[int, dt.datetime | None] = {}
    for name, value in posted.items():
        pk = whole_number(name.removeprefix("seen-")) if name.startswith("seen-") else None
        if pk is not None:
            found[pk] = moment_posted(str(value))
    return found


@require_GET
@may_repair
def resent(request: HttpRequest, webinar_id: int) -> HttpResponse:
    """Show what becomes of the registrations that were sent again last, as it happens."""
    webinar = get_object_or_404(Webinar, pk=webinar_id)
    last = request.session.get(_SESSION, {})
    if last.get("webinar") != webinar.pk:
        return redirect("webinars:audience", webinar.pk, Audience.PENDING.value)
    rows = webinar.registrations.filter(pk__in=last["sent"]).select_related("contact")
    page = Paginator(with_status(rows.order_by("pk")), PAGE).get_page(request.GET.get("page"))
    left = rows.pending().count()
    context: dict[str, Any] = {
        "title": webinar.subject,
        "subtitle": _("Sent again"),
        "webinar": webinar,
        "page": page,
        "left": left,
        "look_again": bool(left),
        "rejected": members(webinar, Audience.REJECTED).count() if webinar.is_to_come else 0,
    }
    return TemplateResponse(request, "registration_forms/resent.html", context)
