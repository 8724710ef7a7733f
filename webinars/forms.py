"""The registration form that anybody may fill in."""

import unicodedata
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.models import PROPERTIES

# GoTo's registration fields take 128 characters, an e-mail address 254 like everywhere.
LONGEST = 128
LONGEST_EMAIL = 254

# What a browser may fill in for a person, by our name of the property (HTML's autofill names).
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
_INVISIBLE = {"Cc", "Zl", "Zp"}


def one_line(text: str) -> str:
    """Return `text` without control characters and line ends, its blanks single."""
    kept = "".join(" " if unicodedata.category(sign) in _INVISIBLE else sign for sign in text)
    return " ".join(kept.split())


class OneLineField(forms.CharField):
    """A line of text as people mean it; pasted control characters are dropped."""

    def to_python(self, value: Any) -> str:
        return one_line(str(value)) if value not in self.empty_values else ""


def _line(label: Any, *, required: bool = False, longest: int = LONGEST) -> OneLineField:
    return OneLineField(label=label, required=required, max_length=longest)


class RegistrationForm(forms.Form):
    """Three things that GoTo needs, and nine that are nice to know (rule 2)."""

    first_name = _line(_("First name"), required=True)
    last_name = _line(_("Last name"), required=True)
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=LONGEST_EMAIL,
        help_text=_("GoToWebinar sends your own link to take part to this address."),
        error_messages={"invalid": _("This is no e-mail address. It looks like ana@example.com.")},
    )
    organization = _line(_("Organization"))
    job_title = _line(_("Job title"))
    industry = _line(_("Industry"))
    phone = _line(_("Phone"))
    address = _line(_("Address"))
    zip_code = _line(_("Zip code"))
    city = _line(_("City"))
    state = _line(_("State"))
    country = _line(_("Country"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs["autocomplete"] = _AUTOFILL.get(name, "off")
            if field.required:
                said = _("Please fill this in: %(field)s.") % {"field": field.label}
                field.error_messages["required"] = said
        self.fields["phone"].widget.input_type = "tel"

    def needed(self) -> list[forms.BoundField]:
        """The fields without which a person cannot register."""
        return [self[name] for name in self.fields if name not in PROPERTIES]

    def optional(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name in PROPERTIES]

    def given(self) -> dict[str, str]:
        """Return what was filled in, by property name; call it on a valid form."""
        return {name: value for name, value in self.cleaned_data.items() if value}
