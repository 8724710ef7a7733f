"""The pages with submitted values that differ from contacts, to apply or dismiss them."""

import hashlib
from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from core.permissions import permitted
from webinars import profile_differences, profile_updates
from webinars.models import Registration, Webinar
from webinars.models.conditions import UNREAD
from webinars.profile_updates import Decided

PAGE = 50
CHANGE = "contacts.change_contact"
# How many people with changed values are named; the others are counted.
_NAMED = 5


@require_http_methods(["GET", "HEAD", "POST"])
@permitted("webinars.view_registration", post=[CHANGE])
def submitted_values(request: HttpRequest, webinar_id: int) -> HttpResponse:
    """Show the differences of a webinar's people by property, and handle decisions."""
    webinar = get_object_or_404(Webinar, pk=webinar_id)
    if request.method == "POST":
        _decide(request)
        return HttpResponseRedirect(request.get_full_path())
    name = _asked_for(request)
    counted = profile_differences.counts(webinar.registrations.all())
    page = Paginator(_rows(webinar, name), PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "title": webinar.subject,
        "subtitle": _("Data updates"),
        "webinar": webinar,
        "chosen": name,
        "total": sum(counted.values()),
        "values": counted[name] if name else sum(counted.values()),
        "tabs": [
            (each, profile_differences.label(each), count)
            for each, count in counted.items()
            if count or each == name
        ],
        "page": page,
        "query": f"property={name}" if name else "",
        "people": [(registration, _shown(registration, name)) for registration in page],
        "unread": webinar.registrations.filter(UNREAD).count(),
        "reads": webinar.is_switched_on,
    }
    return TemplateResponse(request, "webinars/profile_updates.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permitted("webinars.view_registration", CHANGE)
def apply_all(request: HttpRequest, webinar_id: int) -> HttpResponse:
    """Confirm to apply all listed differences, and apply them if they are still the same."""
    webinar = get_object_or_404(Webinar, pk=webinar_id)
    name = _asked_for(request)
    if name != request.GET.get("property", ""):
        # Without it all properties of everyone would be updated.
        raise Http404(_("Unknown property."))
    tokens = [
        item.token
        for registration in _rows(webinar, name).iterator(chunk_size=2000)
        for item in _shown(registration, name)
    ]
    listed = hashlib.sha256("\n".join(sorted(tokens)).encode()).hexdigest()
    query = f"?property={name}" if name else ""
    if request.method == "POST":
        if request.POST.get("listed") == listed:
            _flash_applied(request, profile_updates.apply(tokens, _user_id(request)))
            return HttpResponseRedirect(
                reverse("webinars:submitted_values", args=[webinar_id]) + query
            )
        messages.warning(
            request,
            _(
                "The list has changed in the meantime, so nothing was updated. Please review "
                "it again."
            ),
        )
    context: dict[str, Any] = {
        "title": _("Update all"),
        "webinar": webinar,
        "count": len(tokens),
        "label": profile_differences.label(name) if name else "",
        "listed": listed,
        "query": query,
    }
    return TemplateResponse(request, "webinars/profile_updates_all.html", context)


@require_POST
@permitted(CHANGE)
def of_contact(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Handle decisions made on a contact's page, and go back to it."""
    _decide(request)
    return redirect("admin:contacts_contact_change", contact_id)


def _asked_for(request: HttpRequest) -> str:
    name = request.GET.get("property", "")
    return name if name in profile_differences.TAKEN else ""


def _rows(webinar: Webinar, name: str) -> QuerySet[Registration]:
    rows = profile_differences.with_differences(
        webinar.registrations.select_related("contact"), name
    )
    return rows.order_by("-registered_at", "-pk")


def _shown(registration: Registration, name: str) -> list[profile_differences.Difference]:
    return [
        item for item in profile_differences.differences(registration) if name in ("", item.name)
    ]


def _user_id(request: HttpRequest) -> int:
    # A user with a permission is authenticated.
    return cast("int", request.user.pk)


def _decide(request: HttpRequest) -> None:
    """Run the action of the pressed button, for its own row or the selected ones."""
    what, tokens = request.POST.get("do"), request.POST.getlist("selected")
    for button in ("apply", "dismiss"):
        if button in request.POST:
            what, tokens = button, [request.POST[button]]
    if not tokens:
        messages.warning(request, _("Nothing was selected, so nothing was changed."))
    elif what == "apply":
        _flash_applied(request, profile_updates.apply(tokens, _user_id(request)))
    elif what == "dismiss":
        _flash_dismissed(request, profile_updates.dismiss(tokens))


def _flash_applied(request: HttpRequest, decided: Decided) -> None:
    message = ngettext(
        "%(count)d value was updated.", "%(count)d values were updated.", decided.count
    )
    _flash(request, message, decided)


def _flash_dismissed(request: HttpRequest, decided: Decided) -> None:
    message = ngettext(
        "%(count)d value was kept.",
        "%(count)d values were kept.",
        decided.count,
    )
    _flash(request, message, decided)


def _flash(request: HttpRequest, message: str, decided: Decided) -> None:
    if decided.count:
        messages.success(request, message % {"count": decided.count})
    elif not decided.changed:
        messages.info(request, _("There was nothing left to do: this was decided already."))
    if decided.changed:
        names = ", ".join(decided.changed[:_NAMED])
        rest = len(decided.changed) - _NAMED
        if rest > 0:
            names = _("%(names)s and %(count)d more") % {"names": names, "count": rest}
        messages.warning(
            request,
            _(
                "Not changed, because it has changed since you opened the page: %(names)s. "
                "Please review it again."
            )
            % {"names": names},
        )
