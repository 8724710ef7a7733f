"""The form to edit a contact."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from contacts import tags
from contacts.matching import contacts_by_email
from contacts.models import LONGEST_TAG, Contact, tag_key
from core.emails import email_key


class TagNamesField(forms.CharField):
    """Names of tags, separated by commas; their order and case do not matter."""

    widget = UnfoldAdminTextInputWidget

    def to_python(self, value: Any) -> str:
        return tags.in_text(tags.names_in(super().to_python(value) or ""))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return tag_key(self.to_python(initial)) != tag_key(self.to_python(data))


def check_tag_names(names: Collection[str]) -> None:
    """Refuse names of tags that cannot be stored."""
    sentences = {
        "long": _("A tag can have at most %(most)d characters.") % {"most": LONGEST_TAG},
        "signs": _("This contains characters that cannot be stored."),
        "many": _("A person can have at most %(most)d tags.") % {"most": tags.MOST_OF_ONE},
    }
    problem = tags.problem_of(names)
    if problem:
        raise ValidationError(sentences[problem])


def check_room_for(names: Collection[str]) -> None:
    """Refuse new tags beyond the limit."""
    if not tags.have_room(tags.all_keys(), names):
        raise ValidationError(
            _("There are %(most)d tags already. Delete some that are not used.")
            % {"most": tags.MOST_OF_ALL}
        )


class ContactForm(forms.ModelForm[Contact]):
    """The properties of a contact. An address belongs to one person, however it is written (rule
    3)."""

    tag_names = TagNamesField(
        label=gettext_lazy("Tags"),
        required=False,
        help_text=gettext_lazy("Separated by commas. New tags are created."),
    )

    class Meta:
        model = Contact
        fields: Any = "__all__"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            names = tags.names_of([self.instance.pk]).get(self.instance.pk, [])
            self.initial["tag_names"] = tags.in_text(names)

    def clean_tag_names(self) -> str:
        written: str = self.cleaned_data["tag_names"]
        # A merge can give a contact more tags than the form allows; other changes can still be
        # saved.
        if "tag_names" in self.changed_data:
            check_tag_names(tags.names_in(written))
            check_room_for(tags.names_in(written))
        return written

    def clean_email(self) -> str:
        """Refuse a current or former address of another contact, with a link to it."""
        email = str(self.cleaned_data["email"]).strip()
        key = email_key(email)
        other = contacts_by_email([key]).get(key)
        if other is None or other.pk == self.instance.pk:
            return email
        message = _("This is the address of {who}.")
        if other.email_key != key:
            message = _(
                "This is a former address of {who}. Remove it from their page first, or merge the "
                "two."
            )
        page = reverse("admin:contacts_contact_change", args=[other.pk])
        name = f"{other.full_name} <{other.email}>".strip()
        link = format_html('<a href="{}" class="ws-link">{}</a>', page, name)
        raise ValidationError(format_html(message, who=link), code="unique")
