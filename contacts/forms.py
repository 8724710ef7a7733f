"""The form in which a colleague writes a contact."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from contacts.matching import contacts_by_email
from contacts.models import Contact
from core.emails import email_key


class ContactForm(forms.ModelForm[Contact]):
    """A contact's properties. An address belongs to one person, however it is written (rule 3)."""

    class Meta:
        model = Contact
        fields: Any = "__all__"

    def clean_email(self) -> str:
        """Refuse the address, of now or from before, of somebody who is here, and lead to them."""
        email = str(self.cleaned_data["email"]).strip()
        key = email_key(email)
        other = contacts_by_email([key]).get(key)
        if other is None or other.pk == self.instance.pk:
            return email
        said = _("This is the address of {who}.")
        if other.email_key != key:
            said = _(
                "This is a former address of {who}. Remove it from their page first, or merge the "
                "two."
            )
        page = reverse("admin:contacts_contact_change", args=[other.pk])
        name = f"{other.full_name} <{other.email}>".strip()
        link = format_html('<a href="{}" class="ws-link">{}</a>', page, name)
        raise ValidationError(format_html(said, who=link), code="unique")
