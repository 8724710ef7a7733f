"""Form fields of the admin's filters: the browser's own selects and date fields, which need no
script and suit phones."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import INPUT_CLASSES, UnfoldAdminSelectWidget


class ChoiceForm(forms.Form):
    """One choice. `multiple` is always False: the theme passes it to every filter form."""

    def __init__(
        self,
        name: str,
        label: str,
        choices: Sequence[Any],
        multiple: bool = False,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields[name] = forms.ChoiceField(
            label=label, required=False, choices=choices, widget=UnfoldAdminSelectWidget
        )


class DayRangeForm(forms.Form):
    """A first and a last day, both included."""

    def __init__(self, name: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for end, label in (("from", _("From")), ("to", _("To"))):
            widget = forms.DateInput(
                format="%Y-%m-%d",
                attrs={"type": "date", "aria-label": label, "class": " ".join(INPUT_CLASSES)},
            )
            self.fields[f"{name}_{end}"] = forms.DateField(label="", required=False, widget=widget)
