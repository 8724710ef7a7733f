"""The registration form, with the platform's fields, for visitors and colleagues."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.typed_text import has_address, one_line
from platforms.records import RegistrationQuestion
from registration_forms.fields import FormField, fields_of, question_field, questions_of
from webinars.models import Webinar

# An email address takes 254 characters everywhere.
LONGEST_EMAIL = 254

# HTML's autofill names by our names of properties.
_AUTOFILL = {
    "first_name": "given-name",
    "last_name": "family-name",
    "email": "email",
    "organization": "organization",
    "job_title": "organization-title",
    "phone": "tel",
    "address": "street-address",
    "city": "address-level2",
    "state": "address-level1",
    "zip_code": "postal-code",
    "country": "country-name",
}
# Longer answers get a text area.
_LONG = 256


class OneLineField(forms.CharField):
    """A line of text without control characters."""

    def to_python(self, value: Any) -> str:
        return one_line(str(value)) if value not in self.empty_values else ""


def _refuse_address(name: str) -> None:
    """Raise ValidationError for a name that is an advertisement, which our emails would contain."""
    if has_address(name):
        raise ValidationError(_("Please enter a name without a web or email address."))


class RegistrationForm(forms.Form):
    """The form of a webinar, whose fields `webinar` defines."""

    def __init__(self, webinar: Webinar, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.webinar = webinar
        self.names: list[str] = []
        self.questions: dict[str, RegistrationQuestion] = {}
        for item in fields_of(webinar):
            self.names.append(item.name)
            self.fields[item.name] = _field(item)
        for question in questions_of(webinar):
            name = question_field(question)
            self.questions[name] = question
            self.fields[name] = _question(question)
        for field in self.fields.values():
            if field.required:
                field.error_messages["required"] = _("Please fill this in.")

    def needed(self) -> list[forms.BoundField]:
        """The fields that the platform always requires."""
        return [self[name] for name in self._asked() if self.fields[name].required]

    def optional(self) -> list[forms.BoundField]:
        return [self[name] for name in self._asked() if not self.fields[name].required]

    def _asked(self) -> list[str]:
        return [*self.names, *self.questions]

    def submitted(self) -> dict[str, Any]:
        """Return the submitted values by field name, with `answers` as (question, answer) pairs;
        only for a valid form."""
        values = self.cleaned_data
        submitted: dict[str, Any] = {name: values[name] for name in self.names if values.get(name)}
        answers = [
            [question.question, values[name]]
            for name, question in self.questions.items()
            if values.get(name)
        ]
        return submitted | ({"answers": answers} if answers else {})


def prefilled(form_webinar: Webinar, submitted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the initial values of a form from `submitted`, as a registration stores it."""
    answers = dict(submitted.get("answers", []))
    return {item.name: submitted.get(item.name, "") for item in fields_of(form_webinar)} | {
        question_field(item): answers.get(item.question, "") for item in questions_of(form_webinar)
    }


def _field(item: FormField) -> forms.Field:
    if item.name == "email":
        return _email(item.longest)
    if item.choices:
        return _choice(item.label, item.required, item.choices)
    field = OneLineField(label=item.label, required=item.required, max_length=item.longest)
    field.widget.attrs["autocomplete"] = _AUTOFILL.get(item.name, "off")
    if item.name in ("first_name", "last_name"):
        field.validators.append(_refuse_address)
    if item.name == "phone":
        field.widget.input_type = "tel"
    return field


def _email(longest: int) -> forms.EmailField:
    field = forms.EmailField(
        label=_("Email"),
        max_length=min(longest, LONGEST_EMAIL),
        help_text=_("Your personal join link is emailed to this address."),
        error_messages={
            "invalid": _("This is not an email address. Enter one such as ana@example.com.")
        },
    )
    field.widget.attrs["autocomplete"] = _AUTOFILL["email"]
    return field


def _choice(label: Any, required: bool, choices: tuple[str, ...]) -> forms.ChoiceField:
    field = forms.ChoiceField(
        label=label,
        required=required,
        choices=[("", "–"), *((text, text) for text in choices)],
        error_messages={"invalid_choice": _("Please choose one of the answers of the list.")},
    )
    field.widget.attrs["autocomplete"] = "off"
    return field


def _question(item: RegistrationQuestion) -> forms.Field:
    if item.answers:
        return _choice(item.question, item.required, tuple(text for _key, text in item.answers))
    longest = item.max_size or _LONG
    long = longest > _LONG
    kind = forms.CharField if long else OneLineField
    field = kind(label=item.question, required=item.required, max_length=longest)
    if long:
        field.widget = forms.Textarea(attrs={"rows": 4, "maxlength": longest})
    field.widget.attrs["autocomplete"] = "off"
    return field
