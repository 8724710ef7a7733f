"""The import's two forms, with a webinar to register everybody of the file for."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from import_export.forms import ConfirmImportForm
from unfold.contrib.import_export.forms import ImportForm
from unfold.widgets import UnfoldAdminSelectWidget

from contacts.admin.registering import WebinarField


class ContactImportForm(ImportForm):
    """The first step: the file, and the webinar."""

    webinar = WebinarField(
        label=_("Register everybody of the file for"),
        required=False,
        empty_label=_("No webinar"),
        widget=UnfoldAdminSelectWidget,
    )
    field_order = ["resource", "import_file", "format", "webinar"]


class ContactConfirmForm(ConfirmImportForm):
    """The second step carries the webinar on."""

    webinar = WebinarField(required=False, widget=forms.HiddenInput)


def webinar_of(form: Any) -> Any:
    """Return the webinar chosen in either form, None where there is none."""
    return form.cleaned_data.get("webinar") if form is not None and form.is_valid() else None
