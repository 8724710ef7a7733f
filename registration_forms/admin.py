"""The admin of consent texts and form submissions."""

from typing import Any

from django.contrib import admin
from django.db.models import Max, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from unfold.decorators import display

from core import messages
from core.bounded_admin import BoundedAdmin
from core.changed_fields import SaveChangedFields
from core.list_filters import ChoiceFilter, PeopleDayRangeFilter
from core.read_only_admin import ReadOnlyAdmin
from core.record_pages import FOLDED, link_to, named_values
from registration_forms import fields as formfields
from registration_forms.models import ConsentText, Submission

# The sources in the form's URL or of the page before it; the language is in the details.
_ORIGIN = {
    "utm_source": _("Source"),
    "utm_medium": _("Medium"),
    "utm_campaign": _("Campaign"),
    "utm_term": _("Term"),
    "utm_content": _("Content"),
    "referrer": _("Page before"),
}


@admin.register(ConsentText)
class ConsentTextAdmin(SaveChangedFields, BoundedAdmin):
    """Texts are never edited: another wording is a new version, so that it stays known who agreed
    to what."""

    empty_text = _(
        "No consent texts yet. A consent text is a checkbox of the registration form, for"
        " marketing emails or your privacy policy."
    )
    add_label = _("New consent text")
    row_count = ngettext_lazy("%(n)s consent text", "%(n)s consent texts", "count")
    list_display = ("purpose", "language", "version", "text", "in_use", "created_at")
    phone_columns = ("purpose", "language", "version", "in_use")
    list_filter = (("purpose", ChoiceFilter), "in_use")
    fields = ("purpose", "language", "text", "link", "in_use")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("purpose", "language", "text", "link") if obj is not None else ()

    def save_model(self, request: HttpRequest, obj: ConsentText, form: Any, change: bool) -> None:
        if not change:
            earlier = ConsentText.objects.filter(purpose=obj.purpose, language=obj.language)
            obj.version = (earlier.aggregate(last=Max("version"))["last"] or 0) + 1
        super().save_model(request, obj, form, change)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Submission)
class SubmissionAdmin(ReadOnlyAdmin):
    """Submissions as they were posted, without the secret of their confirmation page."""

    empty_text = _("No submissions yet. What people enter in your registration form appears here.")
    list_name = _("Form submissions")
    row_count = ngettext_lazy("%(n)s submission", "%(n)s submissions", "count")
    list_display = ("submitted_at", "person", "webinar", "referral_source", "agreed")
    list_display_links = ("person",)
    phone_columns = ("person", "submitted_at", "webinar")
    list_filter = (("submitted_at", PeopleDayRangeFilter),)
    list_filter_submit = True
    search_fields = ("registration__contact__email_key",)
    fieldsets = (
        (
            None,
            {"fields": ("submitted_at", "page_of_person", "page_of_webinar", "referral_source")},
        ),
        (_("Submitted data"), {"fields": ("what", "accepted", "agreed")}),
        (_("Technical details"), {"classes": FOLDED, "fields": ("address_values", "id")}),
    )
    readonly_fields = (
        "submitted_at", "page_of_person", "page_of_webinar", "what", "accepted", "agreed",
        "referral_source", "address_values", "id",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Submission]:
        rows: QuerySet[Submission] = super().get_queryset(request)
        return rows.select_related("registration__contact", "registration__webinar")

    @display(description=_("Person"))
    def person(self, submission: Submission) -> str:
        return str(submission.registration.contact)

    @display(description=_("Webinar"))
    def webinar(self, submission: Submission) -> str:
        return str(submission.registration.webinar)

    @display(description=_("Person"))
    def page_of_person(self, submission: Submission) -> SafeString:
        contact = submission.registration.contact
        return link_to(contact, "admin:contacts_contact_change", contact.pk)

    @display(description=_("Webinar"))
    def page_of_webinar(self, submission: Submission) -> SafeString:
        webinar = submission.registration.webinar
        return link_to(webinar, "admin:webinars_webinar_change", webinar.pk)

    @display(description=_("Entered"))
    def what(self, submission: Submission) -> SafeString | str:
        submitted = dict(submission.submitted)
        answers = [tuple(pair) for pair in submitted.pop("answers", [])]
        values = [(formfields.label(name), text) for name, text in submitted.items()]
        return named_values([*values, *answers])

    @display(description=_("Came from"))
    def referral_source(self, submission: Submission) -> str:
        """Say which form it was, and by which link or page someone came to it."""
        origin = dict(submission.origin)
        form = origin.pop("form", None)
        parts = [messages.text(form["code"], form["params"])] if form else []
        # The source sent to the platform, as the webinar's report counts it.
        source = submission.registration.referral_source
        values = {str(text) for name, text in origin.items() if name != "language"}
        if source and source not in values:
            parts.append(source)
        parts += [f"{label}: {origin[name]}" for name, label in _ORIGIN.items() if origin.get(name)]
        return ", ".join(map(str, parts)) or "–"

    @display(description=_("Link parameters"))
    def address_values(self, submission: Submission) -> SafeString | str:
        origin = {name: text for name, text in submission.origin.items() if name != "form"}
        return named_values(origin.items())

    @display(description=_("Agreed to"))
    def accepted(self, submission: Submission) -> str:
        return str(submission.consent or "–")

    @display(description=_("Marketing consent"))
    def agreed(self, submission: Submission) -> str:
        return str(submission.marketing_consent or "–")
