"""Writing a mailing."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from mailings.eligibility import RECENT_DAYS
from mailings.models import Mailing, MailTemplate
from mailings.placeholders import used_in, validate_placeholders

# The people are counted again as soon as one of these changes (recount.js).
_BESIDE = {"form": "letter", "data-recount": ""}


class MailingForm(forms.ModelForm[Mailing]):
    """Subject and text of a draft. Anyone who sends it later needs both; a draft may lack them."""

    class Meta:
        model = Mailing
        fields = (
            "subject", "text", "recording_url", "language",
            "skip_recently_emailed", "skip_without_consent",
        )  # fmt: skip
        widgets = {
            "text": forms.Textarea(attrs={"rows": 14}),
            # They are beside the form, with the recipients.
            "skip_recently_emailed": forms.CheckboxInput(attrs=_BESIDE),
            "skip_without_consent": forms.CheckboxInput(attrs=_BESIDE),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["recording_url"] = forms.URLField(
            label=_("Address of the recording"),
            required=False,
            max_length=500,
            assume_scheme="https",
            help_text=_("Fills {recording_link}."),
        )
        self.fields["skip_recently_emailed"].label = ngettext(
            "Skip people emailed in the last %(count)d day",
            "Skip people emailed in the last %(count)d days",
            RECENT_DAYS,
        ) % {"count": RECENT_DAYS}
        self.fields["skip_without_consent"].label = _("Leave out people without marketing consent")

    def text_fields(self) -> list[forms.BoundField]:
        """Return what the email says; the other fields choose who gets it."""
        return [self[name] for name in ("subject", "text", "recording_url", "language")]

    def clean_subject(self) -> str:
        subject = " ".join(str(self.cleaned_data["subject"]).split())
        validate_placeholders(subject)
        return subject

    def clean_text(self) -> str:
        text = str(self.cleaned_data["text"])
        validate_placeholders(text)
        return text

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        used = used_in(self.cleaned_data.get("text", ""), self.cleaned_data.get("subject", ""))
        if "recording_link" in used and not self.cleaned_data.get("recording_url"):
            self.add_error(
                "recording_url",
                _("The text uses {recording_link}: enter the address of the recording."),
            )
        return cleaned


class StartFrom(forms.Form):
    """A template to start from."""

    template = forms.ModelChoiceField(
        MailTemplate.objects.all(), label=_("Start from a template"), empty_label=None
    )
