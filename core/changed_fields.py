"""Save from admin pages only the fields that the user changed.

A page that has been open for a while shows old values. Each field is submitted together with the
value that the page showed: if they are equal, the user did not change it, and the present value in
the database is kept. If both changed, the form reports a conflict instead of overwriting.
"""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import connections, router
from django.http import HttpRequest
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin


class ChangedFieldsForm(forms.ModelForm[Any]):
    """A form that knows which fields were changed since its page was loaded."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            return
        for name, field in self.fields.items():
            # A client that did not load the page sends no former values: then whatever differs
            # from the database counts as changed.
            sent = self.add_initial_prefix(name) in self.data
            field.show_hidden_initial = sent or not self.is_bound

    def clean(self) -> dict[str, Any] | None:
        """Keep the database's values of unchanged fields, and refuse to overwrite what someone else
        changed in the meantime."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.instance.pk is None:
            return cleaned
        for name, field in self.fields.items():
            if name not in cleaned or not field.show_hidden_initial:
                continue
            now = field.to_python(field.prepare_value(self.initial.get(name)))
            if name not in self.changed_data:
                cleaned[name] = now
            elif not _same(field, now, self._shown(name)):
                self._show_now(name)
                if not _same(field, now, cleaned[name]):
                    self.add_error(name, _changed_by_others(field, now))
        return cleaned

    def _shown(self, name: str) -> Any:
        """Return the value that the page showed."""
        field, sent = self.fields[name], self.add_initial_prefix(name)
        try:
            return field.to_python(
                field.hidden_widget().value_from_datadict(self.data, self.files, sent)
            )
        except ValidationError:
            return None

    def _show_now(self, name: str) -> None:
        """Have the page that is shown again submit the present value, so that saving again
        overwrites it."""
        data: Any = self.data
        self.data = data = data.copy()
        now = self.fields[name].prepare_value(self.initial.get(name))
        data[self.add_initial_prefix(name)] = "" if now is None else str(now)


def _same(field: forms.Field, one: Any, other: Any) -> bool:
    return not field.has_changed(_normalized(one), field.prepare_value(_normalized(other)))


def _normalized(value: Any) -> Any:
    """Return a text with its line ends normalized, which browsers change."""
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def _changed_by_others(field: forms.Field, now: Any) -> str:
    return changed_by_others(dict(getattr(field, "choices", ())).get(now, now))


def changed_by_others(shown: Any) -> str:
    """Return the error for a value that someone else changed to `shown` in the meantime."""
    return _(
        "This was changed to “%(value)s” while you were editing. Save again to replace that."
    ) % {"value": "–" if shown in (None, "") else shown}


class SaveChangedFields(ModelAdmin):
    """Save the fields that were changed on the page, and no other column.

    A subclass whose list has editable fields passes `ChangedFieldsForm` to it.
    """

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form: Any = super().get_form(request, obj, change, **kwargs)
        return type(form)(form.__name__, (ChangedFieldsForm, form), {})

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """Return the row, locked if it is to be saved."""
        found = super().get_object(request, object_id, from_field)
        alias = router.db_for_write(self.model)
        if found is None or request.method != "POST" or not connections[alias].in_atomic_block:
            return found
        rows = self.model._base_manager.using(alias).select_for_update(no_key=True)
        rows.filter(pk=found.pk).values_list("pk").first()
        return super().get_object(request, object_id, from_field)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            super().save_model(request, obj, form, change)
            return
        fields = [
            field.name
            for field in obj._meta.concrete_fields
            if field.name in form.changed_data or getattr(field, "auto_now", False)
        ]
        if any(name in form.changed_data for name in fields):
            obj.save(update_fields=fields)
