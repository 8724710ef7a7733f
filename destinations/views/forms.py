"""A webinar's HubSpot forms: which are registration forms, how their fields are mapped, and what
could not be taken."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from core.audit import log_change
from core.permissions import permitted
from destinations.hubspot import checks
from destinations.hubspot.form_mapping import guessed, targets_of, unmapped
from destinations.hubspot.form_switch import (
    FieldsNeeded,
    save_mapping,
    switch_off,
    switch_on,
    try_again,
)
from destinations.models import FormSource, HubSpotFormList, Portal
from destinations.views.progress import progress
from webinars.models import Webinar

may_see = permitted("destinations.view_portal", "webinars.view_registration")
may_change = permitted(
    "destinations.view_portal", "webinars.view_registration", "webinars.change_webinar"
)
PAGE = "destinations:hubspot_forms"
# So many submissions that were skipped are listed; the number is that of all.
_LISTED = 50


def _portal() -> Portal:
    portal = Portal.objects.joined().first()
    if portal is None:
        raise Http404
    return portal


@require_GET
@may_see
def page(request: HttpRequest, webinar_id: int) -> HttpResponse:
    """Show the forms of a webinar, and the mapping of the one that was chosen. Which forms there
    are is read by a worker."""
    webinar = get_object_or_404(Webinar, pk=webinar_id)
    portal = _portal()
    checks.refresh(HubSpotFormList, portal, webinar)
    return _page(request, portal, webinar, request.GET.get("form", ""))


@require_POST
@may_change
def save(request: HttpRequest, webinar_id: int) -> HttpResponse:
    """Keep the mapping of a form, and switch it on where nothing is missing."""
    webinar = get_object_or_404(Webinar, pk=webinar_id)
    portal = _portal()
    chosen = request.POST.get("form", "")
    read = checks.with_result(HubSpotFormList, portal, webinar)
    form = next((each for each in checks.forms_in(read) if each.id == chosen), None)
    if form is None:
        messages.error(request, _("Choose one of the forms in HubSpot."))
        return redirect(PAGE, webinar_id)
    names = {item.name for item in form.fields}
    mapping = {
        target.key: name
        for target in targets_of(webinar)
        if (name := request.POST.get(f"map_{target.key}", "")) in names
    }
    consent = request.POST.get("consent", "").strip()
    source = save_mapping(portal, webinar, form, mapping, consent)
    log_change(request.user.pk, webinar, "audit.hubspot-form-on", {"form": form.name})
    try:
        switch_on(source, request.user.pk)
    except FieldsNeeded as error:
        switch_off(source)
        names_needed = ", ".join(target.label for target in error.targets)
        text = _("The webinar requires these fields. Choose a form field for each: %(names)s.")
        messages.error(request, text % {"names": names_needed})
        return _page(request, portal, webinar, form.id)
    text = _("People who send “%(form)s” from now on are registered for this webinar.")
    messages.success(request, text % {"form": form.name})
    return redirect(PAGE, webinar_id)


@require_POST
@may_change
def switch(request: HttpRequest, webinar_id: int) -> HttpResponse:
    """Switch a form off, or try what was skipped again."""
    chosen = request.POST.get("source", "")
    sources = FormSource.objects.filter(portal=_portal(), webinar=webinar_id)
    source = get_object_or_404(sources, pk=int(chosen) if chosen.isdecimal() else 0)
    if request.POST.get("again") == "yes":
        count = try_again(source)
        text = ngettext("%(count)d submission is tried again.",
                        "%(count)d submissions are tried again.", count)  # fmt: skip
        messages.success(request, text % {"count": count})
        return redirect(PAGE, webinar_id)
    switch_off(source)
    log_change(request.user.pk, source.webinar, "audit.hubspot-form-off", {"form": str(source)})
    messages.success(request, _("“%(form)s” is switched off.") % {"form": source})
    return redirect(PAGE, webinar_id)


def _page(request: HttpRequest, portal: Portal, webinar: Webinar, chosen: str) -> HttpResponse:
    rows = FormSource.objects.filter(portal=portal, webinar=webinar).annotate(
        taken=Count("submissions", filter=Q(submissions__state="taken")),
        skipped=Count("submissions", filter=Q(submissions__state="skipped")),
        left_out=Count("submissions", filter=Q(submissions__state="left_out")),
    )
    sources = [(row, unmapped(webinar, row.mapping), _untaken(row)) for row in rows]
    read = checks.with_result(HubSpotFormList, portal, webinar)
    forms = checks.forms_in(read)
    form = next((each for each in forms if each.id == chosen), None)
    context: dict[str, Any] = {
        "title": webinar.subject,
        "subtitle": _("HubSpot forms"),
        "webinar": webinar,
        "sources": sources,
        "read": read,
        "forms": forms,
        "form": form,
        **progress(portal, webinar, HubSpotFormList),
    }
    if form is not None:
        known = next((row for row, _needed, _rows in sources if row.form_id == form.id), None)
        mapping = known.mapping if known else guessed(webinar, form)
        context["consent_field"] = known.consent_field if known else ""
        context["rows"] = [(each, mapping.get(each.key, "")) for each in targets_of(webinar)]
    return TemplateResponse(request, "destinations/forms.html", context)


def _untaken(source: FormSource) -> list[Any]:
    rows = source.submissions.exclude(state="taken").order_by("-submitted_at", "-pk")
    return list(rows[:_LISTED])
