"""Correct a rejected registration and send it again."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.permissions import permitted
from registration_forms import registrations
from registration_forms.fields import Form
from registration_forms.forms import RegistrationForm, prefilled
from registration_forms.new_registrant import new_registrant
from registration_forms.repair import lacking, moment_posted
from webinars.models import Registration


@require_http_methods(["GET", "POST"])
@permitted("webinars.change_registration")
def correct(request: HttpRequest, registration_id: int) -> HttpResponse:
    """Show what was sent with the platform's message; save the correction and push it.

    The contact is not changed (rule 3).
    """
    registration = get_object_or_404(
        Registration.objects.select_related("contact", "webinar__connection"), pk=registration_id
    )
    webinar = registration.webinar
    if registration.state != Registration.State.REJECTED or not webinar.is_to_come:
        messages.info(
            request,
            _("There is nothing to correct: this registration has changed in the meantime."),
        )
        return redirect("admin:contacts_contact_change", registration.contact_id)
    form = RegistrationForm(webinar, request.POST or None, initial=_sent(registration))
    wrong = lacking(Form.of(webinar), registration)
    if request.method == "POST" and form.is_valid():
        seen = moment_posted(request.POST.get("seen", "")) or registration.registered_at
        if registrations.resubmit(registration, form.submitted(), seen):
            messages.success(request, _("The registration is on its way to GoToWebinar again."))
            return redirect("webinars:audience", webinar.pk, "pending")
        messages.warning(
            request,
            _("Not sent: someone else has changed this registration in the meantime."),
        )
        return redirect("registration_forms:correct", registration.pk)
    context = {
        "title": _("Correct and send again"),
        "registration": registration,
        "webinar": webinar,
        "form": form,
        "wrong": [form[name] for name in wrong],
        "others": [field for field in form if field.name not in wrong],
        # What the page was opened with counts also once mistakes in the form are corrected.
        "seen": request.POST.get("seen") or registration.registered_at.isoformat(),
    }
    status = 422 if form.errors else 200
    return TemplateResponse(request, "registration_forms/correct.html", context, status=status)


def _sent(registration: Registration) -> dict[str, object]:
    """Return what was sent to the platform, as the initial values of the form."""
    person, _changes = new_registrant(registration)
    values = {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "email": person.email,
        **person.properties,
    }
    submitted = registration.submitted | values
    return prefilled(registration.webinar, submitted)
