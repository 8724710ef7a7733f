"""Register contacts for a webinar from the list of contacts: choose, check, then send."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin

from contacts.models import Contact
from registration_forms import fields
from registration_forms.registrations import register_contacts
from webinars.models import Registration, Webinar
from webinars.sent_values import SentValue, label

# How many of the people who lack something, or get a changed value, the page names.
_NAMED = 50


def to_come() -> QuerySet[Webinar]:
    """Return the webinars that are open for registration."""
    now = timezone.now()
    return Webinar.objects.upcoming(now).by_next_date(now)


class ChooseWebinar(forms.Form):
    """The webinar, of which the page shows a button for each."""

    webinar = forms.ModelChoiceField(Webinar.objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What is to come is known when the form is made, not before.
        self.webinars = self.fields["webinar"].queryset = to_come()  # type: ignore[attr-defined]


@dataclass(slots=True)
class RegistrationPreview:
    """What would happen to the selected people; `lacking` are (contact, what the platform
    requires).

    `changed` are the first (contact, what is changed or left out), of `changed_count` people;
    `changed_fields` count these by field.
    """

    ready: list[int] = field(default_factory=list)
    known: int = 0
    lacking: list[tuple[Contact, list[str]]] = field(default_factory=list)
    changed: list[tuple[Contact, list[SentValue]]] = field(default_factory=list)
    changed_count: int = 0
    changed_fields: Counter[str] = field(default_factory=Counter)

    @property
    def by_field(self) -> list[tuple[str, int]]:
        """The changed fields with the number of people, the most frequent first."""
        return self.changed_fields.most_common()

    def note(self, contact: Contact, changes: list[SentValue]) -> None:
        """Count what is changed or left out for `contact`."""
        self.changed_count += 1
        self.changed_fields.update(list(dict.fromkeys(label(item["name"]) for item in changes)))
        if len(self.changed) < _NAMED:
            self.changed.append((contact, changes))


def preview_registrations(webinar: Webinar, contacts: QuerySet[Contact]) -> RegistrationPreview:
    """Sort `contacts` into those who can be registered, are registered already, and would be
    refused."""
    found = RegistrationPreview()
    form = fields.Form.of(webinar)
    known = set(webinar.registrations.values_list("contact_id", flat=True))
    for contact in contacts.order_by("pk").iterator(chunk_size=2000):
        if contact.pk in known:
            found.known += 1
            continue
        missing = form.missing({}, contact)
        if missing:
            found.lacking.append((contact, missing))
            continue
        found.ready.append(contact.pk)
        changes = form.accepted({}, contact).changes
        if changes:
            found.note(contact, changes)
    return found


def register_for_webinar(
    model_admin: ModelAdmin, request: HttpRequest, queryset: QuerySet[Contact]
) -> HttpResponse:
    """Ask for the webinar, show what will happen, and do it after confirmation."""
    # Without the list's annotations, which are not needed here.
    contacts = Contact.objects.filter(pk__in=queryset.values("pk"))
    chosen = ChooseWebinar(request.POST if "webinar" in request.POST else None)
    found = webinar = None
    if chosen.is_bound and chosen.is_valid():
        webinar = chosen.cleaned_data["webinar"]
        found = preview_registrations(webinar, contacts)
        if "sure" in request.POST:
            taken = register_contacts(webinar, found.ready, Registration.Source.MARKETER)
            message = ngettext(
                "%(count)d person is on the way to GoToWebinar.",
                "%(count)d people are on their way to GoToWebinar.",
                taken.new,
            )
            messages.success(request, message % {"count": taken.new})
            return redirect("webinars:audience", webinar.pk, "pending")
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Register for a webinar"),
        "form": chosen,
        "count": contacts.count(),
        "webinar": webinar,
        "check": found,
        "lacking": found.lacking[:_NAMED] if found else [],
        "selected": request.POST.getlist(ACTION_CHECKBOX_NAME),
        "across": request.POST.get("select_across", "0"),
        "checkbox": ACTION_CHECKBOX_NAME,
    }
    return TemplateResponse(request, "registration_forms/register_contacts.html", context)
