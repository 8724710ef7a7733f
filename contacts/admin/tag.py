"""The admin page of tags, to rename and delete them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from contacts import tags
from contacts.forms import check_room_for, check_tag_names
from contacts.models import Tag, tag_key
from core.bounded_admin import BoundedAdmin
from core.changed_fields import SaveChangedFields


class TagForm(forms.ModelForm[Tag]):
    """Validate a tag's name. Names that differ only in case are one tag."""

    class Meta:
        model = Tag
        fields = ("name",)

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).split())
        if tags.names_in(name) != [name]:
            raise ValidationError(gettext("Commas and semicolons separate tags."))
        check_tag_names([name])
        if self.instance._state.adding:
            check_room_for([name])
        if Tag.objects.filter(name_key=tag_key(name)).exclude(pk=self.instance.pk).exists():
            raise ValidationError(gettext("A tag with this name already exists."))
        return name


@admin.register(Tag)
class TagAdmin(SaveChangedFields, BoundedAdmin):
    empty_text = _("No tags yet. Edit a contact or import a file to add tags.")
    form = TagForm
    add_label = _("Add tag")
    row_count = ngettext_lazy("%(n)s tag", "%(n)s tags", "count")
    list_display = ("name", "people")
    search_fields = ("name_key",)
    search_help_text = _("Name")
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tag]:
        rows: QuerySet[Tag] = super().get_queryset(request)
        return rows.annotate(people_count=Count("links"))

    @display(description=_("People"), ordering="people_count")
    def people(self, tag: Any) -> SafeString:
        people = f"{reverse('admin:contacts_contact_changelist')}?tag={tag.pk}"
        return format_html('<a class="ws-link" href="{}">{}</a>', people, tag.people_count)
