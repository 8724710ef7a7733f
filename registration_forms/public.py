"""The public form: choice of date, consent, and protection against spam."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.typed_text import one_line
from registration_forms import spam_protection
from registration_forms.fields import fields_of
from registration_forms.forms import RegistrationForm, prefilled
from registration_forms.models import ConsentText, Submission
from registration_forms.registrations import FormData
from webinars.models import Webinar

# The platform accepts 128 characters of `source`; other parameters need not be longer.
_LONGEST_SOURCE = 128
_LONGEST_ORIGIN = 500
_UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")


class PublicForm(RegistrationForm):
    """The form of a webinar's page. `occurrences` are the dates of a series to choose from."""

    def __init__(
        self, webinar: Webinar, *args: Any, occurrences: list[Webinar] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(webinar, *args, **kwargs)
        self.occurrences = occurrences or []
        texts = current_consent_texts()
        self.consent = texts.get(ConsentText.Purpose.REGISTERING)
        self.marketing_consent = texts.get(ConsentText.Purpose.MARKETING)
        if self.consent:
            self.fields["consent"] = _agreement(self.consent, required=True)
        if self.marketing_consent:
            self.fields["marketing_consent"] = _agreement(self.marketing_consent, required=False)
        # Hidden from people: only a robot fills it in.
        self.fields["website"] = forms.CharField(
            label=_("Website (leave this empty)"), required=False
        )
        self.fields["website"].widget.attrs |= {"autocomplete": "off", "tabindex": "-1"}
        self.fields["referrer"] = forms.CharField(required=False, widget=forms.HiddenInput)
        self.fields["stamp"] = forms.CharField(required=False, widget=forms.HiddenInput)
        self.initial["stamp"] = spam_protection.sign_form(webinar.slug)

    def agreements(self) -> list[forms.BoundField]:
        return [self[name] for name in ("consent", "marketing_consent") if name in self.fields]

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise forms.ValidationError(
                _("Only robots fill this in. If you are a person, empty it and send again.")
            )
        return ""

    def clean(self) -> None:
        """Refuse a submission that did not come from a page of ours; the person only has to send it
        again."""
        slugs = {self.webinar.slug, *(item.slug for item in self.occurrences)}
        age = spam_protection.form_age(self.cleaned_data.get("stamp", ""), slugs)
        if age is None:
            self.data = self._restamped()
        if self.errors:
            return
        if age is None:
            raise forms.ValidationError(
                _(
                    "This page had been open for long. Nothing is lost: please press the button "
                    "again."
                )
            )
        if age < settings.FORM_LEAST_SECONDS:
            raise forms.ValidationError(
                _("That was very quick. If you are a person, please press the button again.")
            )

    def _restamped(self) -> QueryDict:
        """Return the posted data with a new stamp, so that nothing has to be typed again."""
        data = QueryDict(mutable=True)
        data.update({name: self.data.get(name, "") for name in self.data})
        data["stamp"] = spam_protection.sign_form(self.webinar.slug)
        return data

    def posting(
        self,
        query: Mapping[str, str],
        *,
        sender: str,
        corrects: Submission | None,
        status_hidden: bool = False,
    ) -> FormData:
        """Return the data of a valid form that was posted to a URL with `query`."""
        utm_values = {name: one_line(query.get(name) or "")[:_LONGEST_ORIGIN] for name in _UTM}
        origin = {name: value for name, value in utm_values.items() if value}
        source = one_line(query.get("source") or query.get("utm_source") or "")[:_LONGEST_SOURCE]
        if self.cleaned_data["referrer"]:
            origin["referrer"] = one_line(self.cleaned_data["referrer"])[:_LONGEST_ORIGIN]
        origin["language"] = get_language() or ""
        agreed = self.cleaned_data.get("marketing_consent")
        return FormData(
            submitted=self.submitted(),
            referral_source=source,
            origin=origin,
            sender=sender,
            consent=self.consent,
            marketing_consent=self.marketing_consent if agreed else None,
            corrects=corrects,
            status_hidden=status_hidden,
        )


def from_query(webinar: Webinar, query: Mapping[str, str]) -> dict[str, Any]:
    """Return the initial values in a query: `job_title`, or `jobTitle` as other forms call it."""
    found = {}
    for item in fields_of(webinar):
        text = query.get(item.name) or query.get(_in_camel_case(item.name)) or ""
        if text:
            found[item.name] = one_line(text)[: item.longest]
    return found


def _in_camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def from_submission(webinar: Webinar, submission: Submission | None) -> dict[str, Any]:
    """Return the initial values from an earlier submission of the same person."""
    return prefilled(webinar, submission.submitted) if submission else {}


def current_consent_texts() -> dict[str, ConsentText]:
    """Return the newest active text by purpose, if possible in the reader's language."""
    language = (get_language() or "")[:2]
    found: dict[str, ConsentText] = {}
    for text in ConsentText.objects.filter(in_use=True).order_by("-version"):
        newer = found.get(text.purpose)
        if newer is None or newer.language != language == text.language:
            found[text.purpose] = text
    return found


def _agreement(text: ConsentText, *, required: bool) -> forms.BooleanField:
    label: Any = text.text
    if text.link:
        label = format_html(
            '{} <a href="{}" target="_blank" rel="noopener">{}</a>',
            text.text,
            text.link,
            _("Read more (opens in a new window)"),
        )
    return forms.BooleanField(
        label=label,
        required=required,
        error_messages={"required": _("We can only register you if you agree to this.")},
    )
